//! The phones.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use crate::config::PhoneClient;
use crate::phone::ClientMessage;
use crate::world::{ClientView, SimulatorError};
use crate::{Simulator, lock};

pub(super) async fn add(
    simulator: web::Data<Simulator>,
    client: web::Json<PhoneClient>,
) -> Result<HttpResponse, SimulatorError> {
    let id = simulator.add_client(client.into_inner())?;
    Ok(HttpResponse::Created().json(view(&simulator, &id)?))
}

pub(super) async fn threads(
    simulator: web::Data<Simulator>,
    client: web::Path<String>,
) -> Result<HttpResponse, SimulatorError> {
    let client = view(&simulator, &client)?;
    let threads: Vec<_> = client
        .threads
        .iter()
        .map(|thread| {
            json!({
                "account": thread.account,
                "unread": thread.unread,
                "window_until_ms": thread.window_until_ms,
                "messages": simulator.thread(&client.id, &thread.account),
            })
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({"client": client, "threads": threads})))
}

pub(super) async fn thread(
    simulator: web::Data<Simulator>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, SimulatorError> {
    let (client, account) = path.into_inner();
    lock(&simulator.inner.world).key(&client, &account)?;
    Ok(HttpResponse::Ok().json(json!({"messages": simulator.thread(&client, &account)})))
}

pub(super) async fn send(
    simulator: web::Data<Simulator>,
    client: web::Path<String>,
    message: web::Json<ClientMessage>,
) -> Result<HttpResponse, SimulatorError> {
    let id = simulator.client_sends(&client, message.into_inner())?;
    Ok(HttpResponse::Accepted().json(json!({"id": id})))
}

#[derive(Deserialize)]
pub(super) struct Batch {
    messages: Vec<ClientMessage>,
    #[serde(default)]
    webhooks: Webhooks,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Webhooks {
    #[default]
    Many,
    One,
}

pub(super) async fn send_batch(
    simulator: web::Data<Simulator>,
    client: web::Path<String>,
    batch: web::Json<Batch>,
) -> Result<HttpResponse, SimulatorError> {
    let batch = batch.into_inner();
    let in_one = matches!(batch.webhooks, Webhooks::One);
    let ids = simulator.client_sends_batch(&client, batch.messages, in_one)?;
    Ok(HttpResponse::Accepted().json(json!({"ids": ids})))
}

#[derive(Deserialize)]
pub(super) struct Connection {
    online: bool,
}

pub(super) async fn set_online(
    simulator: web::Data<Simulator>,
    client: web::Path<String>,
    connection: web::Json<Connection>,
) -> Result<HttpResponse, SimulatorError> {
    simulator.set_online(&client, connection.online)?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) async fn read(
    simulator: web::Data<Simulator>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, SimulatorError> {
    let (client, account) = path.into_inner();
    simulator.client_reads(&client, &account)?;
    Ok(HttpResponse::NoContent().finish())
}

fn view(simulator: &Simulator, client: &str) -> Result<ClientView, SimulatorError> {
    let world = lock(&simulator.inner.world);
    let index = world.person(client)?;
    Ok(world.client_view(index, simulator.inner.clock.now_ms()))
}
