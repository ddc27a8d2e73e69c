//! Many simulated devices in one thread, each a TCP server with its own port.
//!
//! One loop serves them all, so that a measurement of 1 000 devices measures the fleet and not 1 000 threads.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
};

use anyhow::{Context, Result, anyhow};
use mio::{
    Events, Interest, Poll, Token, Waker,
    net::{TcpListener, TcpStream},
};
use oncilla::Table;

use crate::{
    connection::{Connection, State},
    ledger::Ledger,
    meter::{Meter, NEW, OLD},
};

const WAKE: Token = Token(0);

/// What is asked of the loop.
#[derive(Debug)]
enum Order {
    /// Closes the device's connections, as a restart does.
    Reset(usize),
    /// Also closes its port.
    Away(usize),
    Back(usize),
    Stop,
}

/// Simulated devices. They end when this value is dropped.
#[derive(Debug)]
pub struct Park {
    addresses: Vec<SocketAddr>,
    ledger: Arc<Ledger>,
    orders: Sender<(Order, Sender<()>)>,
    waker: Arc<Waker>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Park {
    /// Starts devices on free ports of this machine. Those whose number `is_old` accepts have version 1 only.
    pub fn start(devices: usize, calls: usize, is_old: impl Fn(usize) -> bool) -> Result<Self> {
        let ledger = Arc::new(Ledger::new(devices, calls));
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
        let mut all = Vec::new();
        for number in 0..devices {
            let mut listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).context("no port for a device")?;
            let address = listener.local_addr()?;
            poll.registry().register(&mut listener, Token(number + 1), Interest::READABLE)?;
            let table: &'static Table<Meter> = if is_old(number) { &OLD } else { &NEW };
            let meter = Meter::new(u32::try_from(number)?, Arc::clone(&ledger));
            all.push(Device { address, listener: Some(listener), meter, table });
        }
        let addresses = all.iter().map(|device| device.address).collect();
        let (orders, received) = mpsc::channel();
        let grounds = Grounds { poll, devices: all, connections: HashMap::new(), next: devices + 1 };
        let thread = thread::Builder::new().name("devices".into()).spawn(move || grounds.run(&received))?;
        Ok(Self { addresses, ledger, orders, waker, thread: Some(thread) })
    }

    /// Returns the address of each device.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Returns what the devices executed.
    pub const fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Restarts a device: it closes its connections. Returns when that is done.
    pub fn reset(&self, device: usize) -> Result<()> {
        self.ask(Order::Reset(device))
    }

    /// Switches a device off.
    pub fn away(&self, device: usize) -> Result<()> {
        self.ask(Order::Away(device))
    }

    /// Switches a device on again, on the same port.
    pub fn back(&self, device: usize) -> Result<()> {
        self.ask(Order::Back(device))
    }

    fn ask(&self, order: Order) -> Result<()> {
        let (done, when) = mpsc::channel();
        self.orders.send((order, done)).map_err(|_| anyhow!("the devices have ended"))?;
        self.waker.wake()?;
        when.recv().map_err(|_| anyhow!("the devices have ended"))
    }
}

impl Drop for Park {
    fn drop(&mut self) {
        let (done, _) = mpsc::channel();
        // Both fail only if the thread has ended.
        let _ = self.orders.send((Order::Stop, done));
        let _ = self.waker.wake();
        if let Some(Ok(Err(error))) = self.thread.take().map(JoinHandle::join) {
            eprintln!("the devices failed: {error}");
        }
    }
}

struct Device {
    address: SocketAddr,
    listener: Option<TcpListener>,
    meter: Meter,
    table: &'static Table<Meter>,
}

/// The loop's own state.
struct Grounds {
    poll: Poll,
    devices: Vec<Device>,
    connections: HashMap<Token, (usize, Connection)>,
    next: usize,
}

impl Grounds {
    fn run(mut self, orders: &Receiver<(Order, Sender<()>)>) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        loop {
            match self.poll.poll(&mut events, None) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            for event in &events {
                match event.token() {
                    WAKE => {}
                    Token(number) if number <= self.devices.len() => self.accept(number - 1)?,
                    token => self.serve(token, event.is_read_closed() || event.is_error()),
                }
            }
            for (order, done) in orders.try_iter() {
                match order {
                    Order::Reset(device) => self.hang_up(device),
                    Order::Away(device) => {
                        self.devices[device].listener = None;
                        self.hang_up(device);
                    }
                    Order::Back(device) => self.listen(device)?,
                    Order::Stop => return Ok(()),
                }
                // Who asked may be gone.
                let _ = done.send(());
            }
        }
    }

    fn accept(&mut self, device: usize) -> io::Result<()> {
        while let Some(listener) = &self.devices[device].listener {
            let mut stream: TcpStream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                // A client that has gone already.
                Err(_) => continue,
            };
            stream.set_nodelay(true)?;
            let token = Token(self.next);
            self.next += 1;
            self.poll.registry().register(&mut stream, token, Interest::READABLE)?;
            self.connections.insert(token, (device, Connection::new(stream)));
        }
        Ok(())
    }

    fn serve(&mut self, token: Token, closed: bool) {
        // It may have been closed by an order.
        let Some((device, connection)) = self.connections.get_mut(&token) else { return };
        let Device { meter, table, .. } = &mut self.devices[*device];
        if connection.serve(table, meter, closed) == State::Closed {
            self.connections.remove(&token);
        }
    }

    fn hang_up(&mut self, device: usize) {
        self.connections.retain(|_, (owner, _)| *owner != device);
    }

    fn listen(&mut self, device: usize) -> io::Result<()> {
        let mut listener = TcpListener::bind(self.devices[device].address)?;
        self.poll.registry().register(&mut listener, Token(device + 1), Interest::READABLE)?;
        self.devices[device].listener = Some(listener);
        Ok(())
    }
}
