//! One page: its calls, and what it is shown.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::Shared;
use super::device::{Call, Request};

/// How long a page may take to present its token, and to take a message.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most calls of one page that wait for their outcome.
const WAITING: usize = 64;

/// A message of a page.
#[derive(Deserialize)]
struct Asked {
    /// The number with which the reply is marked.
    id: u64,
    /// The place of the device.
    device: usize,
    /// A call. Without one, the description is asked for.
    call: Option<Call>,
}

/// A connection that has ended.
struct Ended;

/// Serves a page until it is closed.
pub async fn run(mut socket: WebSocket, shared: Arc<Shared>) {
    let _: Result<(), Ended> = session(&mut socket, &shared).await;
}

async fn session(socket: &mut WebSocket, shared: &Shared) -> Result<(), Ended> {
    let first = timeout(PATIENCE, next(socket)).await.map_err(|_| Ended)??;
    let presented = serde_json::from_str::<Value>(&first).unwrap_or_default();
    let presented = presented["token"].as_str().unwrap_or_default();
    if shared.token.as_ref().is_some_and(|token| !token.is(presented)) {
        return send(socket, json!({"refused": "the token is wrong"}).to_string()).await;
    }
    // Before the states, so that no change is missed.
    let mut events = shared.devices.events();
    send(socket, shared.devices.welcome()).await?;
    let (replies, mut done) = mpsc::unbounded_channel();
    let mut waiting = 0_usize;
    loop {
        tokio::select! {
            text = next(socket) => {
                let text = text?;
                let Ok(Asked { id, device, call }) = serde_json::from_str(&text) else {
                    // Only another program sends such a message.
                    return Err(Ended);
                };
                let request = Request { id, call, replies: replies.clone() };
                if waiting >= WAITING {
                    request.busy();
                } else {
                    shared.devices.ask(device, request);
                }
                waiting += 1;
            }
            Some(reply) = done.recv() => {
                waiting = waiting.saturating_sub(1);
                send(socket, reply).await?;
            }
            event = events.recv() => match event {
                Ok(event) => send(socket, event.to_string()).await?,
                Err(RecvError::Lagged(count)) => send(socket, json!({ "missed": count }).to_string()).await?,
                Err(RecvError::Closed) => return Ok(()),
            },
        }
    }
}

/// Returns the next text of the page.
async fn next(socket: &mut WebSocket) -> Result<String, Ended> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => return Err(Ended),
        }
    }
}

async fn send(socket: &mut WebSocket, text: String) -> Result<(), Ended> {
    match timeout(PATIENCE, socket.send(Message::Text(text.into()))).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Ended),
    }
}
