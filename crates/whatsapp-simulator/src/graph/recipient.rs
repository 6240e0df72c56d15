//! Whom a send is for.

use serde_json::{Map, Value, json};

use super::error::GraphError;
use crate::world::{Recipient, World, phone_digits};

/// The addressee of a send.
#[derive(Debug)]
pub(super) struct Addressee {
    /// As the request wrote it.
    input: String,
    pub(super) recipient: Recipient,
    /// The person, if the simulator has them.
    pub(super) person: Option<usize>,
    /// A BSUID in `to`: accepted, and never heard of again.
    pub(super) lost: bool,
}

impl Addressee {
    pub(super) fn read(world: &World, body: &Map<String, Value>) -> Result<Self, GraphError> {
        // `to` wins when both are given.
        if let Some(to) = body.get("to").filter(|to| !to.is_null()) {
            return Self::by_phone(world, to);
        }
        let recipient = body.get("recipient").filter(|recipient| !recipient.is_null());
        let Some(recipient) = recipient else {
            return Err(GraphError::parameter("The parameter to is required."));
        };
        let id = recipient
            .as_str()
            .filter(|id| is_user_id(id))
            .ok_or_else(|| GraphError::parameter("Param recipient must be a business-scoped user ID."))?;
        let person = world
            .person(id)
            .ok()
            .filter(|index| world.people[*index].profile.bsuid == id);
        Ok(Self {
            input: id.to_owned(),
            recipient: Recipient::UserId(id.to_owned()),
            person,
            lost: false,
        })
    }

    fn by_phone(world: &World, to: &Value) -> Result<Self, GraphError> {
        let input = match to {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return Err(GraphError::parameter("Param to must be a string.")),
        };
        // The prefix is stripped and the rest taken for a phone, as was seen of the real one.
        let lost = is_user_id(&input);
        let digits = if lost {
            input.chars().filter(char::is_ascii_digit).collect()
        } else {
            phone_digits(&input).ok_or_else(|| {
                GraphError::detailed(131_009, format!("{input} is not a valid whatsapp account number"))
            })?
        };
        let person = world
            .person(&digits)
            .ok()
            .filter(|index| !lost && world.people[*index].profile.phone.as_ref() == Some(&digits));
        Ok(Self {
            input,
            recipient: Recipient::Phone(digits),
            person,
            lost,
        })
    }

    /// The `contacts` of the answer.
    pub(super) fn contact(&self) -> Value {
        match &self.recipient {
            Recipient::Phone(digits) => json!({"input": self.input, "wa_id": digits}),
            Recipient::UserId(id) => json!({"input": self.input, "user_id": id}),
        }
    }

    /// What names the addressee to the pair rate.
    pub(super) fn name(&self, world: &World) -> String {
        match (self.person, &self.recipient) {
            (Some(person), _) => world.people[person].id.clone(),
            (None, Recipient::Phone(name) | Recipient::UserId(name)) => name.clone(),
        }
    }
}

/// `CC.` and letters or digits, or the parent form `CC.ENT.…`.
fn is_user_id(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else {
        return false;
    };
    let rest = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=128).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
