//! The journal: a file that outlives the gateway. One thread writes, many records with one sync.

#![allow(clippy::result_large_err, reason = "the error of redb, which is rare")]

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use redb::{Database, Durability, ReadableTable, TableDefinition};

use super::record::{Record, Stage, decode, encode};

const CALLS: TableDefinition<'_, u64, (&[u8], &[u8])> = TableDefinition::new("calls");

/// The most records that are written with one sync.
const BATCH: usize = 1024;

/// The pause before a failed write is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// The memory that the journal uses for pages of its file, in bytes.
const CACHE: usize = 4 << 20;

enum Order {
    Put(u64, Stage, Vec<u8>, Option<Vec<u8>>),
    Remove(u64),
}

/// A call of the journal: its number, what it is, and how far.
pub type Stored = (u64, Record, Stage);

/// The journal. It is written by a thread that ends with this value.
#[derive(Debug)]
pub struct Store {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
    ending: Arc<AtomicBool>,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Release);
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // What was ordered is on the disk then, unless it cannot be written.
            let _ = thread.join();
        }
    }
}

impl Store {
    /// Opens the journal, or creates it. Returns what it has. It calls `written` for each record that is on the disk.
    ///
    /// # Errors
    /// A text: the file cannot be opened, is used by another gateway, or is no journal.
    pub fn open(path: &Path, written: impl Fn(u64, Stage) + Send + 'static) -> Result<(Self, Vec<Stored>), String> {
        let wrong = |error: String| format!("the journal {}: {error}", path.display());
        let opened = guarded(|| {
            let database = open(path)?;
            let read = read(&database)?;
            Ok((database, read))
        });
        let (database, read) = opened.map_err(wrong)?;
        let (orders, received) = mpsc::channel();
        let ending = Arc::new(AtomicBool::new(false));
        let writer = Writer { path: path.to_owned(), database: Some(database), ending: Arc::clone(&ending) };
        let writing = thread::Builder::new().name("journal".to_owned());
        let thread =
            writing.spawn(move || writer.run(&received, &written)).map_err(|error| wrong(error.to_string()))?;
        Ok((Self { orders: Some(orders), thread: Some(thread), ending }, read))
    }

    /// Writes the stage of a call. The payload is written with the first stage only.
    pub fn put(&self, number: u64, record: &Record, stage: &Stage, payload: bool) {
        let payload = payload.then(|| record.payload.clone());
        self.order(Order::Put(number, stage.clone(), encode(record, stage), payload));
    }

    /// Removes a call.
    pub fn remove(&self, number: u64) {
        self.order(Order::Remove(number));
    }

    fn order(&self, order: Order) {
        // The thread ends with this value only.
        let _ = self.orders.as_ref().map(|orders| orders.send(order));
    }
}

fn read(database: &Database) -> Result<Vec<Stored>, redb::Error> {
    let begun = database.begin_write()?;
    begun.open_table(CALLS)?;
    begun.commit()?;
    let table = database.begin_read()?.open_table(CALLS)?;
    let mut list = Vec::new();
    for row in table.iter()? {
        let (number, value) = row?;
        let (head, payload) = value.value();
        match decode(head, payload) {
            Some((record, stage)) => list.push((number.value(), record, stage)),
            None => tracing::warn!(number = number.value(), "a record of the journal is not understood, and left out"),
        }
    }
    Ok(list)
}

/// The thread that writes.
struct Writer {
    path: PathBuf,
    /// `None` after a failure: the database takes nothing more until it is opened again.
    database: Option<Database>,
    ending: Arc<AtomicBool>,
}

impl Writer {
    fn run(mut self, orders: &Receiver<Order>, written: &dyn Fn(u64, Stage)) {
        while let Ok(first) = orders.recv() {
            let mut batch = vec![first];
            batch.extend(orders.try_iter().take(BATCH));
            while let Err(error) = self.write(&batch) {
                let journal = self.path.display();
                if self.ending.load(Ordering::Acquire) {
                    let lost = batch.len() + orders.iter().count();
                    return tracing::error!(
                        "cannot write the journal {journal}: {error}; {lost} changes are not in it"
                    );
                }
                tracing::error!(
                    "cannot write the journal {journal}: {error}; queued calls wait until it can be written"
                );
                thread::sleep(PAUSE);
            }
            for order in batch {
                if let Order::Put(number, stage, ..) = order {
                    written(number, stage);
                }
            }
        }
    }

    /// Writes records, in a database that is opened again after a failure.
    fn write(&mut self, batch: &[Order]) -> Result<(), String> {
        let (path, database) = (&self.path, self.database.take());
        self.database = Some(guarded(|| {
            let database = database.map_or_else(|| open(path), Ok)?;
            commit(&database, batch)?;
            Ok(database)
        })?);
        Ok(())
    }
}

fn open(path: &Path) -> Result<Database, redb::Error> {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    Ok(builder.create(path)?)
}

/// Returns what an act on the database returns, or a text. The database panics when its file is damaged.
fn guarded<T>(act: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, String> {
    const DAMAGED: &str = "move the file away to start without it; the state of the calls in it is then unknown";
    match catch_unwind(AssertUnwindSafe(act)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(redb::Error::DatabaseAlreadyOpen)) => {
            Err("another gateway uses the file; give each gateway a journal of its own".to_owned())
        }
        Ok(Err(redb::Error::Io(error))) if error.kind() == io::ErrorKind::InvalidData => {
            Err(format!("the file is no journal; {DAMAGED}"))
        }
        Ok(Err(redb::Error::Corrupted(what))) => Err(format!("the file is damaged: {what}; {DAMAGED}")),
        Ok(Err(redb::Error::Io(error))) => Err(error.to_string()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("the file is damaged; {DAMAGED}")),
    }
}

fn commit(database: &Database, batch: &[Order]) -> Result<(), redb::Error> {
    let mut begun = database.begin_write()?;
    begun.set_durability(Durability::Immediate);
    {
        let mut table = begun.open_table(CALLS)?;
        for order in batch {
            match order {
                Order::Put(number, _, head, Some(payload)) => {
                    table.insert(number, (&**head, &**payload))?;
                }
                Order::Put(number, _, head, None) => {
                    let payload = table.get(number)?.map(|value| value.value().1.to_vec());
                    table.insert(number, (&**head, &*payload.unwrap_or_default()))?;
                }
                Order::Remove(number) => {
                    table.remove(number)?;
                }
            }
        }
    }
    begun.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::super::tests::record;
    use super::*;

    #[test]
    fn what_is_written_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (told, heard) = channel();
        let (store, found) = Store::open(&path, move |number, stage| told.send((number, stage)).unwrap()).unwrap();
        assert!(found.is_empty());
        store.put(7, &record("oven", 7), &Stage::Queued, true);
        store.put(8, &record("oven", 8), &Stage::Queued, true);
        store.put(7, &record("oven", 7), &Stage::Delivering(5), false);
        store.remove(8);
        assert_eq!(heard.recv().unwrap(), (7, Stage::Queued));
        // A second gateway with this journal is refused.
        assert!(Store::open(&path, |_, _| ()).is_err());
        drop(store);
        assert_eq!(heard.iter().last(), Some((7, Stage::Delivering(5))));
        let (_store, found) = Store::open(&path, |_, _| ()).unwrap();
        assert_eq!(found, [(7, record("oven", 7), Stage::Delivering(5))]);
        std::fs::write(folder.path().join("other"), "no journal").unwrap();
        assert!(Store::open(&folder.path().join("other"), |_, _| ()).is_err());
    }

    #[test]
    fn a_damaged_journal_is_an_error_that_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (store, _) = Store::open(&path, |_, _| ()).unwrap();
        (0..200).for_each(|number| store.put(number.into(), &record("oven", number), &Stage::Queued, true));
        drop(store);
        let whole = std::fs::read(&path).unwrap();
        let mut random = fastrand::Rng::with_seed(7);
        let mut errors = 0;
        for length in (1..whole.len()).step_by(whole.len() / 24) {
            std::fs::write(&path, &whole[..length]).unwrap();
            let error = Store::open(&path, |_, _| ()).map(drop).unwrap_err();
            assert!(error.contains("move the file away"), "{length}: {error}");
        }
        for _ in 0..24 {
            let mut damaged = whole.clone();
            (0..2000).for_each(|_| damaged[random.usize(..whole.len())] = random.u8(..));
            std::fs::write(&path, &damaged).unwrap();
            errors += usize::from(Store::open(&path, |_, _| ()).is_err());
        }
        assert!(errors > 0);
    }

    /// A file system that is full, without one.
    #[cfg(unix)]
    #[test]
    fn a_journal_that_cannot_be_written_is_written_when_it_can_and_does_not_keep_the_gateway() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (told, heard) = channel();
        let (store, _) = Store::open(&path, |_, _| ()).unwrap();
        drop(store);
        let ending = Arc::new(AtomicBool::new(false));
        let (orders, received) = mpsc::channel();
        let put = |number| Order::Put(number, Stage::Queued, encode(&record("oven", 1), &Stage::Queued), Some(vec![1]));
        // The database is closed, and cannot be opened again: its folder is not there.
        let hidden = folder.path().join("away");
        std::fs::create_dir(&hidden).unwrap();
        let away = hidden.join("none").join("journal");
        let writer = Writer { path: away.clone(), database: None, ending: Arc::clone(&ending) };
        let thread = thread::spawn(move || writer.run(&received, &|number, _| told.send(number).unwrap()));
        orders.send(put(1)).unwrap();
        assert!(heard.recv_timeout(Duration::from_millis(300)).is_err());
        std::fs::create_dir(hidden.join("none")).unwrap();
        assert_eq!(heard.recv_timeout(Duration::from_secs(20)), Ok(1));
        drop(orders);
        thread.join().unwrap();
        assert_eq!(Store::open(&away, |_, _| ()).unwrap().1.len(), 1);
        // And one that never can is given up at the end.
        let (orders, received) = mpsc::channel();
        let writer = Writer { path: hidden.join("never").join("journal"), database: None, ending: Arc::clone(&ending) };
        let thread = thread::spawn(move || writer.run(&received, &|_, _| unreachable!()));
        orders.send(put(2)).unwrap();
        ending.store(true, Ordering::Release);
        drop(orders);
        thread.join().unwrap();
    }
}
