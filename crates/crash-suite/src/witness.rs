//! What Meta and the phones saw, by life of the service.
//!
//! The simulator's ledger forgets what is old, so it is read after each life.

use std::collections::BTreeMap;

use serde_json::Value;
use whatsapp_simulator::{DeliveryState, GraphCall, MessageState, Outcome, Simulator};

use crate::company;

/// A send, as Meta received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// In which life of the service, from 0.
    pub(crate) life: usize,
    /// The hexadecimal digits of the id that the service gave the message; the same in each copy.
    pub(crate) message: String,
    /// The client, in digits.
    pub(crate) to: String,
    /// The number that wrote, in digits.
    pub(crate) from: &'static str,
    pub(crate) said: Said,
    pub(crate) answer: Answer,
}

/// What Meta made of a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Took it, under this id.
    Accepted(String),
    /// Took it under this id, and did not answer.
    Withheld(String),
    Refused,
}

/// What a message of the company says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// The name in brackets; that of the invitation is `invitation`.
    pub(crate) name: String,
    /// The word after it: for most of them the name of a user.
    pub(crate) about: String,
}

impl Call {
    /// Meta's id of the message, if Meta took it.
    pub(crate) fn accepted(&self) -> Option<&str> {
        match &self.answer {
            Answer::Accepted(id) | Answer::Withheld(id) => Some(id),
            Answer::Refused => None,
        }
    }
}

/// A webhook, as Meta sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) body: Vec<u8>,
    /// The ids of the messages that it brings; empty for statuses.
    pub(crate) messages: Vec<String>,
    pub(crate) acknowledged: bool,
    /// Attempts without a 200.
    pub(crate) in_vain: usize,
}

/// A message on a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) id: String,
    pub(crate) from: &'static str,
    pub(crate) said: Said,
}

/// All that was seen.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    calls: BTreeMap<u64, Call>,
    sent: BTreeMap<u64, Sent>,
    /// The last call of each life that is over.
    ends: Vec<u64>,
}

impl Witness {
    /// The service is dead: whatever reaches Meta from now on is of the next life.
    pub(crate) fn life_ended(&mut self, simulator: &Simulator) {
        self.look(simulator);
        self.ends
            .push(simulator.with_ledger(|ledger| ledger.graph_calls_total));
    }

    /// Reads what is new in the ledger.
    pub(crate) fn look(&mut self, simulator: &Simulator) {
        simulator.with_ledger(|ledger| {
            for call in &ledger.graph_calls {
                let life = self.ends.partition_point(|end| *end < call.number);
                if let Some(call) = read(call, life) {
                    self.calls.insert(call.0, call.1);
                }
            }
            for delivery in &ledger.deliveries {
                let answered = |attempt: &&_| is_acknowledgement(attempt);
                let acknowledged = delivery.state == DeliveryState::Delivered;
                let in_vain = delivery.attempts.len() - delivery.attempts.iter().filter(answered).count();
                let sent = self.sent.entry(delivery.number).or_insert_with(|| Sent {
                    body: delivery.body.clone().into_bytes(),
                    messages: match delivery.kind {
                        "messages" => delivery.message_ids.clone(),
                        _ => Vec::new(),
                    },
                    acknowledged,
                    in_vain,
                });
                (sent.acknowledged, sent.in_vain) = (acknowledged, in_vain);
            }
        });
    }

    /// Sends in their order.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.values()
    }

    /// Webhooks in their order.
    pub(crate) fn sent(&self) -> impl Iterator<Item = &Sent> {
        self.sent.values()
    }
}

/// What a client sees of the company.
pub(crate) fn phone(simulator: &Simulator, client: &str) -> Vec<Shown> {
    let numbers = std::iter::once(company::PRIMARY).chain(company::SECONDARIES);
    let mut shown = Vec::new();
    for from in numbers {
        let thread = simulator.thread(client, from).into_iter();
        let heard = thread.filter(|message| !message.from_client && message.state >= MessageState::Delivered);
        shown.extend(heard.map(|message| Shown {
            id: message.id,
            from,
            said: said(&message.content.text),
        }));
    }
    shown
}

fn is_acknowledgement(attempt: &whatsapp_simulator::Attempt) -> bool {
    attempt.outcome == Outcome::Answered(200)
}

fn read(call: &GraphCall, life: usize) -> Option<(u64, Call)> {
    let body = call.body.as_ref()?;
    let (id, "messages") = call.path.rsplit_once('/')? else {
        return None;
    };
    let from = company::number_of(id.rsplit('/').next()?)?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let said = match body["type"].as_str()? {
        "template" => Said {
            name: template_name(body["template"]["name"].as_str()?).to_owned(),
            about: text(&body["template"]["components"][0]["parameters"][0]["text"]).unwrap_or_default(),
        },
        _ => said(body["text"]["body"].as_str()?),
    };
    let answer = match (&call.message_id, call.status) {
        (Some(id), Some(_)) => Answer::Accepted(id.clone()),
        (Some(id), None) => Answer::Withheld(id.clone()),
        (None, _) => Answer::Refused,
    };
    let read = Call {
        life,
        message: id_in(body["biz_opaque_callback_data"].as_str().unwrap_or_default()),
        to: body["to"].as_str()?.trim_start_matches('+').to_owned(),
        from,
        said,
        answer,
    };
    Some((call.number, read))
}

/// The digits of an id such as `outbox:0192-ab`.
fn id_in(callback_data: &str) -> String {
    let id = callback_data.rsplit(':').next().unwrap_or_default();
    id.chars().filter(char::is_ascii_hexdigit).collect()
}

fn said(text: &str) -> Said {
    let (name, rest) = text
        .strip_prefix('[')
        .and_then(|text| text.split_once(']'))
        .unwrap_or((text, ""));
    Said {
        name: template_name(name).to_owned(),
        about: rest.split_whitespace().next().unwrap_or_default().to_owned(),
    }
}

fn template_name(name: &str) -> &str {
    if name == company::INVITATION {
        "invitation"
    } else {
        name
    }
}
