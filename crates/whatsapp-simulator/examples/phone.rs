//! The phone page with a business that answers nothing: `cargo run -p whatsapp-simulator --example phone [ADDRESS]`.
//!
//! A few messages lie on the first phone already, so that there is something to look at.

use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::json;
use whatsapp_graph::client::HttpLimits;
use whatsapp_simulator::{
    Account, ClientMessage, MessageState, PhoneClient, Scannable, Simulator, SimulatorConfig, Template,
};

const PRIMARY: &str = "+85256428035";
const SECONDARY: &str = "+85251079302";
const LIMIT: std::time::Duration = std::time::Duration::from_secs(5);

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address: SocketAddr = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8099".to_owned())
        .parse()?;
    let simulator = Simulator::new(config(address))?;
    let mounted = simulator.clone();
    let server = HttpServer::new(move || {
        let simulator = mounted.clone();
        App::new()
            .configure(move |app| simulator.configure(app))
            .route("/webhook", web::post().to(HttpResponse::Ok))
    })
    .workers(2)
    .bind(address)?
    .run();
    let serving = actix_web::rt::spawn(server);
    talk(&simulator, &format!("http://{address}/simulator/graph")).await?;
    serving.await??;
    Ok(())
}

fn config(address: SocketAddr) -> SimulatorConfig {
    SimulatorConfig {
        webhook_url: Some(format!("http://{address}/webhook")),
        accounts: vec![
            account("100000000000001", PRIMARY, "Acme Wealth", true),
            account("100000000000002", SECONDARY, "Acme Private Clients", false),
            account("100000000000003", "+85251079303", "Acme Advisory", false),
        ],
        templates: vec![Template {
            waba_id: None,
            name: "client_invitation".to_owned(),
            language: "en".to_owned(),
            body: "Hello, this is {{1}} of {{2}}. You asked to talk with me: please answer here.".to_owned(),
            buttons: vec!["Start chatting".to_owned()],
            status: whatsapp_simulator::TemplateStatus::Approved,
        }],
        clients: vec![
            client("Jane Roe", Some("85291234567"), "HK.1029384756", None),
            client("محمد علي", Some("971501234567"), "AE.5647382910", None),
            client("Léa Martin", None, "FR.9081726354", Some("lea.martin")),
        ],
        scannables: ["dom123456", "michael", "455567"]
            .into_iter()
            .zip(["Dom AM", "Michael Chan", "王小明"])
            .map(|(extension, name)| Scannable {
                title: name.to_owned(),
                subtitle: format!("#{extension}"),
                link: format!("https://wa.me/85256428035?text=%23{extension}"),
                svg: drawing(extension),
            })
            .collect(),
        ..SimulatorConfig::new("example-secret", "example-token")
    }
}

fn account(id: &str, number: &str, name: &str, advertised: bool) -> Account {
    Account {
        phone_number_id: id.to_owned(),
        phone_number: number.to_owned(),
        waba_id: "200000000000001".to_owned(),
        verified_name: name.to_owned(),
        advertised,
        health: whatsapp_simulator::AccountHealth::default(),
    }
}

fn client(name: &str, phone: Option<&str>, bsuid: &str, username: Option<&str>) -> PhoneClient {
    PhoneClient {
        name: name.to_owned(),
        phone: phone.map(str::to_owned),
        bsuid: bsuid.to_owned(),
        username: username.map(str::to_owned),
    }
}

/// Looks like a code from afar; the example has no QR coder.
fn drawing(text: &str) -> String {
    let mut squares = Vec::new();
    let mut sum: u32 = text.bytes().map(u32::from).sum();
    for index in 0..21 * 21 {
        sum = sum.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (x, y) = (index % 21, index / 21);
        let (left, top, right, bottom) = (x < 8, y < 8, x > 12, y > 12);
        let finder = left && (top || bottom) || right && top;
        if sum >> 31 == 1 && !finder {
            squares.push(format!("M{x} {y}h1v1h-1z"));
        }
    }
    for (x, y) in [(0, 0), (14, 0), (0, 14)] {
        squares.push(format!("M{x} {y}h7v7h-7zm1 1v5h5v-5zm1 1h3v3h-3z"));
    }
    let squares = squares.concat();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-2 -2 25 25\"><rect x=\"-2\" y=\"-2\" width=\"25\" \
         height=\"25\" fill=\"#fff\"/><path d=\"{squares}\"/></svg>"
    )
}

/// Plays a first conversation.
async fn talk(simulator: &Simulator, graph: &str) -> Result<(), Box<dyn std::error::Error>> {
    let http = whatsapp_graph::client::http_client(&HttpLimits::default())?;
    let post = async |number: &str, body: serde_json::Value| {
        http.post(format!("{graph}/v25.0/{number}/messages"))
            .bearer_auth("example-token")
            .json(&body)
            .send()
            .await?
            .error_for_status()
    };
    let question = simulator.client_sends("85291234567", ClientMessage::text(PRIMARY, "#dom123456"))?;
    simulator
        .wait_for(LIMIT, |simulator| {
            let thread = simulator.thread("85291234567", PRIMARY);
            thread
                .iter()
                .any(|message| message.state == MessageState::Delivered)
                .then_some(())
        })
        .await?;
    post(
        "100000000000001",
        json!({"messaging_product": "whatsapp", "status": "read", "message_id": question}),
    )
    .await?;
    post(
        "100000000000001",
        json!({"messaging_product": "whatsapp", "to": "+85291234567", "type": "text", "text": {"body":
            "Acme Bot: Dear customer, I have found Dom AM with this extension. You should receive an invite to \
             message in the next few seconds from +852 5107 9302."}}),
    )
    .await?;
    post(
        "100000000000002",
        json!({"messaging_product": "whatsapp", "to": "+85291234567", "type": "template", "template": {
            "name": "client_invitation", "language": {"code": "en"}, "components": [
                {"type": "body", "parameters": [
                    {"type": "text", "text": "Dom AM"}, {"type": "text", "text": "Acme Wealth"}]},
                {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [
                    {"type": "payload", "payload": "accept:1"}]}]}}),
    )
    .await?;
    Ok(())
}
