//! The control API over HTTP.

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::stand::{JANE, LIMIT, PRIMARY, Stand, text};

#[tokio::test]
async fn a_message_and_a_batch_are_sent_and_seen() {
    let mut stand = Stand::new();
    let (status, answer) = stand
        .api_post(
            &format!("clients/{JANE}/messages"),
            json!({"to_account": PRIMARY, "text": "#michael"}),
        )
        .await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert!(answer["id"].is_string());
    let batch = json!({"webhooks": "one", "messages": [
        {"to_account": PRIMARY, "text": "one"},
        {"to_account": PRIMARY, "button": {"payload": "p", "text": "Yes"}, "context": "wamid.x"},
        {"to_account": "100000000000002", "raw": {"type": "location", "location": {"latitude": 1.5, "longitude": 2}}},
    ]});
    let (_, answer) = stand.api_post(&format!("clients/{JANE}/batch"), batch).await;
    assert_eq!(answer["ids"].as_array().unwrap().len(), 3);
    let webhook = stand
        .webhook(|one| one.json()["entry"].as_array().unwrap().len() == 2)
        .await;
    assert_eq!(
        webhook.value()["messages"][1]["context"],
        json!({"from": "85256428035", "id": "wamid.x"})
    );
    let threads = stand.api_get(&format!("clients/{JANE}/threads")).await;
    assert_eq!(threads["threads"].as_array().unwrap().len(), 2);
    let state = stand.api_get("state").await;
    assert_eq!(state["clients"][0]["threads"][0]["last"]["from_client"], true);
    let ledger = stand.api_get("ledger").await;
    assert_eq!(ledger["deliveries_total"], 2);
}

#[tokio::test]
async fn mistakes_are_told() {
    let stand = Stand::new();
    let to = |account: &str| json!({"to_account": account, "text": "hi"});
    let (status, _) = stand.api_post("clients/1/messages", to(PRIMARY)).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = stand
        .api_post(&format!("clients/{JANE}/messages"), to("+1555"))
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, answer) = stand
        .api_post(&format!("clients/{JANE}/messages"), json!({"text": "hi"}))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer["error"].is_string());
    let (status, _) = stand
        .api_post("clients", json!({"name": "J", "phone": JANE, "bsuid": "HK.2"}))
        .await;
    assert_eq!(status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_added_client_can_write() {
    let mut stand = Stand::new();
    let (status, view) = stand
        .api_post(
            "clients",
            json!({"name": "Bo", "phone": "+4670123456", "bsuid": "SE.5"}),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(view["id"], "4670123456");
    stand
        .api_post(
            "clients/SE.5/messages",
            json!({"to_account": PRIMARY, "text": "hej"}),
        )
        .await;
    let value = stand.webhook(|_| true).await.value();
    assert_eq!(value["messages"][0]["from"], "4670123456");
}

#[tokio::test]
async fn faults_and_clock_are_set_over_http() {
    let stand = Stand::new();
    let url = stand.api("faults");
    let put = async |body: Value| stand.http.put(&url).json(&body).send().await.unwrap();
    let answer: Value = put(json!({"graph_5xx": 1.0})).await.json().await.unwrap();
    assert_eq!(answer["graph_5xx"], 1.0);
    assert_eq!(
        stand.refused("100000000000001", text("+85291234567", "hi")).await,
        (503, 2)
    );
    assert_eq!(put(json!({"graph_6xx": 1})).await.status().as_u16(), 400);
    let before = stand.simulator.now_ms();
    stand.api_post("clock/advance", json!({"seconds": 90_000})).await;
    assert!(stand.simulator.now_ms() >= before + 90_000_000);
}

#[tokio::test]
async fn an_open_page_hears_of_new_messages() {
    let stand = Stand::new();
    let mut answer = stand.http.get(stand.api("events")).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut heard = String::new();
    let listening = async {
        loop {
            let chunk = answer.chunk().await.unwrap().unwrap();
            heard.push_str(std::str::from_utf8(&chunk).unwrap());
            if heard.contains("event: hello") && !heard.contains("event: message") {
                stand
                    .api_post(
                        &format!("clients/{JANE}/messages"),
                        json!({"to_account": PRIMARY, "text": "ping"}),
                    )
                    .await;
            }
            if heard.contains("\"state\":\"delivered\"") {
                return;
            }
        }
    };
    tokio::time::timeout(LIMIT, listening).await.unwrap();
    assert!(heard.contains("\"text\":\"ping\""));
}
