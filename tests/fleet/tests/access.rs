//! Who may do what: the access list of the guide, passwords, and TLS with certificates.

use std::time::Duration;

use oncilla_fleet_tests::{
    broker,
    gateway::{self, Gateway},
    mosquitto::Client,
    park::Park,
    scene::{PATIENCE, Scene},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::json;

const USERS: [&str; 4] = ["west", "alice", "dashboard", "bob"];

/// The program of the simulated devices, and the one that the dashboard may call.
const METER: &str = "0x2000006a";

fn scene() -> Scene {
    let settings = broker::Settings {
        users: USERS.iter().map(|user| ((*user).to_owned(), format!("secret of {user}"))).collect(),
        access: Some(include_str!("../../../examples/fleet/access.acl").replace("0x20000051", METER)),
        ..Default::default()
    };
    let park = Park::start(2, 100, |_| false).unwrap();
    let mut scene = Scene::with(&settings, &["-u", "alice", "-P", "secret of alice"], park).unwrap();
    std::fs::write(scene.broker.file("password"), "secret of west\n").unwrap();
    let file = scene.broker.file("password");
    let addresses = scene.park.addresses().to_vec();
    let mut settings = gateway::Settings::new("west", scene.broker.port());
    settings.broker += &format!("user = \"west\"\npassword-file = {:?}\n", file.display().to_string());
    for (number, address) in addresses.iter().enumerate() {
        settings = settings.device(&format!("oven-{number}"), &format!("tcp://{address}"), &["ovens"]);
    }
    let settings = settings.and("[users.alice]\nuid = 1000\ngid = 100\n");
    scene.gateways.push(Gateway::start(scene.broker.folder(), &settings).unwrap());
    scene.all_online().unwrap();
    scene
}

fn user(scene: &Scene, name: &str) -> Client {
    scene.client().with(&["-u", name, "-P", &format!("secret of {name}")])
}

/// Publishes a call; returns what the broker answered: 0 or 135, "not authorized".
fn publish(scene: &Scene, name: &str, topic: &str, call: u32) -> u32 {
    let call = json!({"procedure": "meter.note", "arguments": {"call": call}}).to_string();
    let more = ["-D", "publish", "content-type", "application/json", "-d"];
    let printed = user(scene, name).publish(topic, &call, &more).unwrap();
    let code = printed.split_once("PUBACK (Mid: 1, RC:").and_then(|(_, rest)| rest.split_once(')'));
    code.unwrap_or_else(|| panic!("no acknowledgement: {printed}")).0.parse().unwrap()
}

#[test]
fn what_the_list_denies_is_denied() {
    let scene = scene();
    let allowed = [
        ("alice", format!("plant/call/oven-0/{METER}/alice")),
        ("alice", format!("plant/call/oven-1/{METER}/alice")),
        ("dashboard", format!("plant/call/oven-0/{METER}/dashboard")),
        ("bob", format!("plant/call/oven-1/{METER}/bob")),
        ("alice", format!("plant/group/ovens/{METER}/alice")),
        ("alice", format!("plant/any/ovens/{METER}/alice")),
        ("alice", format!("plant/cap/{METER}")),
    ];
    for (number, (name, topic)) in allowed.iter().enumerate() {
        let answer = publish(&scene, name, topic, u32::try_from(number).unwrap());
        // 16: nobody subscribes to caps here.
        assert!([0, 16].contains(&answer), "{name} may publish to {topic}: {answer}");
    }
    let denied = [
        // In the name of another one.
        ("bob", format!("plant/call/oven-1/{METER}/alice")),
        ("bob", format!("plant/call/oven-1/{METER}/-")),
        // Another device, another program, another kind of call.
        ("bob", format!("plant/call/oven-0/{METER}/bob")),
        ("dashboard", "plant/call/oven-0/0x000186a0/dashboard".to_owned()),
        ("dashboard", format!("plant/queue/oven-0/{METER}/dashboard")),
        ("bob", format!("plant/group/ovens/{METER}/bob")),
        // What gateways and operators publish.
        ("bob", "plant/presence/oven-0".to_owned()),
        ("bob", "plant/gateway/west".to_owned()),
        ("bob", format!("plant/cap/{METER}")),
        ("bob", "plant/reply/alice/x".to_owned()),
        ("bob", "plant/state/oven-0/alice/00".to_owned()),
    ];
    for (name, topic) in denied {
        assert_eq!(publish(&scene, name, &topic, 50), 135, "{name} may not publish to {topic}");
    }
    // Those that were allowed have been executed, and no other.
    oncilla_fleet_tests::process::wait_until("the calls", PATIENCE, || {
        Ok((0..6).all(|number| scene.park.ledger().times(number) >= 1))
    })
    .unwrap_or_else(|error| panic!("{error}; {}", scene.logs()));
    assert_eq!((scene.park.ledger().times(4), scene.park.ledger().times(5), scene.park.ledger().times(50)), (2, 1, 0));
}

#[test]
fn replies_and_states_are_read_by_their_caller_only() {
    let scene = scene();
    // mosquitto refuses a subscription quietly or by a reason code; in both cases nothing arrives.
    let spy = user(&scene, "bob").subscribe("plant/reply/alice/+").unwrap();
    let all = user(&scene, "bob").subscribe("plant/reply/#").unwrap();
    let call = json!({"procedure": "meter.number", "arguments": {}}).to_string();
    let topic = format!("plant/call/oven-1/{METER}/alice");
    let more = ["-D", "publish", "content-type", "application/json"];
    let reply = user(&scene, "alice").request(&topic, "plant/reply/alice/rr", &call, &more).unwrap();
    assert_eq!(reply, r#"{"results":1}"#);
    assert_eq!(spy.next(Duration::from_millis(500)), None);
    assert_eq!(all.next(Duration::from_millis(500)), None);
}

#[test]
fn a_device_sees_for_whom_the_broker_vouches() {
    let scene = scene();
    let call = json!({"procedure": "meter.caller", "arguments": {}}).to_string();
    let more = ["-D", "publish", "content-type", "application/json"];
    // The gateway's settings give Alice a number of Unix, and Bob none.
    for (name, number) in [("alice", 1000), ("bob", -1)] {
        let (topic, reply) = (format!("plant/call/oven-1/{METER}/{name}"), format!("plant/reply/{name}/rr"));
        let came = user(&scene, name).request(&topic, &reply, &call, &more).unwrap();
        assert_eq!(came, format!("{{\"results\":{number}}}"));
    }
}

#[test]
fn without_a_password_nobody_connects() {
    let scene = scene();
    let topic = format!("plant/call/oven-1/{METER}/-");
    assert!(scene.client().publish(&topic, "{}", &[]).is_err());
    assert!(scene.client().with(&["-u", "alice", "-P", "guess"]).publish(&topic, "{}", &[]).is_err());
}

/// A certificate authority, and certificates by the names of users.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "authority of the test");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn sign(&self, name: &str) -> [String; 2] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        [params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem()]
    }
}

#[test]
fn certificates_name_the_users() {
    let authority = Authority::new();
    let [certificate, key] = authority.sign("broker");
    let settings = broker::Settings {
        tls: Some([authority.0.pem(), certificate, key]),
        access: Some(include_str!("../../../examples/fleet/access.acl").to_owned()),
        ..Default::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).display().to_string()
    };
    let ca = write("ca.pem", &authority.0.pem());
    let options = |name: &str, authority: &Authority| {
        let [certificate, key] = authority.sign(name);
        let (certificate, key) = (write(&format!("{name}.pem"), &certificate), write(&format!("{name}.key"), &key));
        ["--cafile", &ca, "--cert", &certificate, "--key", &key].map(str::to_owned)
    };
    let [alice, bob, west] = ["alice", "bob", "west"].map(|name| options(name, &authority));
    let text = |options: &[String; 6]| options.clone();
    let alice = text(&alice);
    let alice: Vec<&str> = alice.iter().map(String::as_str).collect();
    let mut scene = Scene::with(&settings, &alice, Park::start(1, 10, |_| false).unwrap()).unwrap();
    let mut settings = gateway::Settings::new("west", scene.broker.port());
    settings.broker = format!(
        "address = \"mqtts://127.0.0.1:{}\"\nca = {ca:?}\ncert = {:?}\nkey = {:?}\n",
        scene.broker.port(),
        west[3],
        west[5]
    );
    let settings = settings.device("meter-0", &format!("tcp://{}", scene.park.addresses()[0]), &[]);
    scene.gateways.push(Gateway::start(folder.path(), &settings).unwrap());
    scene.all_online().unwrap();
    let call = json!({"procedure": "meter.number", "arguments": {}}).to_string();
    let more = ["-D", "publish", "content-type", "application/json"];
    let topic = format!("plant/call/meter-0/{METER}/alice");
    let reply = scene.client().with(&alice).request(&topic, "plant/reply/alice/rr", &call, &more).unwrap();
    assert_eq!(reply, r#"{"results":0}"#);
    // Bob's certificate is not Alice's.
    let bob: Vec<&str> = bob.iter().map(String::as_str).collect();
    let printed = scene.client().with(&bob).publish(&topic, &call, &["-d"]).unwrap();
    assert!(printed.contains("RC:135"), "{printed}");
    // Nor does one count that another authority signed, or none.
    let stranger = options("alice", &Authority::new());
    let stranger: Vec<&str> = stranger.iter().map(String::as_str).collect();
    assert!(scene.client().with(&stranger).publish(&topic, &call, &[]).is_err());
    assert!(scene.client().publish(&topic, &call, &[]).is_err());
}
