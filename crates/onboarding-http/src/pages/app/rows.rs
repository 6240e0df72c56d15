//! Rooms and what was said in them, as pages show them.

use onboarding_core::{
    ChatRoom, Client, ClientProfile, Company, RoomState, Timestamp,
    ports::{OnboardingStore, RoomRecordLine, RoomView, StoreError},
};
use onboarding_pages::app::{ChatLine, ChatRow, Delivery, RoomMark};

/// The room as a row; `record` is what was said in it, where the reader may see that.
pub(super) async fn row(
    store: &dyn OnboardingStore,
    company: &Company,
    view: &RoomView,
    record: Option<&[RoomRecordLine]>,
) -> Result<ChatRow, StoreError> {
    let room = &view.room;
    let client = store.client(&company.id, room.identity).await?;
    let profile = store.profile(&company.id, room.profile).await?;
    let last = record.and_then(<[_]>::last);
    let at = last.map_or(room.created_at, |line| line.at);
    Ok(ChatRow {
        id: room.id.to_string(),
        client: name(client.as_ref(), profile.as_ref()),
        client_number: client.as_ref().and_then(number),
        number: our_number(company, room),
        mark: mark(room.state),
        last: last.map(|line| line.text.clone()),
        at: at.to_string(),
        when: when(at),
    })
}

/// A line of the record.
pub(super) fn line(line: &RoomRecordLine) -> ChatLine {
    ChatLine {
        text: line.text.clone(),
        ours: (!line.from_client).then(|| delivery(&line.state)),
        at: line.at.to_string(),
        when: when(line.at),
    }
}

/// As the company knows them, else as they call themselves, else by what leads to them.
pub(super) fn name(client: Option<&Client>, profile: Option<&ClientProfile>) -> String {
    let aliases = client.map(|client| &client.aliases);
    let called = || {
        aliases?
            .profile_name
            .clone()
            .or_else(|| aliases?.username.clone())
    };
    profile
        .map(|profile| profile.name.clone())
        .filter(|name| !name.is_empty())
        .or_else(called)
        .or_else(|| client.and_then(number))
        .unwrap_or_else(|| "—".to_owned())
}

fn number(client: &Client) -> Option<String> {
    client
        .aliases
        .wa_id
        .as_ref()
        .map(|id| format!("+{}", id.as_str()))
}

fn our_number(company: &Company, room: &ChatRoom) -> String {
    let account = company.account(room.account);
    account.map_or_else(|| "—".to_owned(), |account| account.phone_number.to_string())
}

fn mark(state: RoomState) -> RoomMark {
    match state {
        RoomState::Invited => RoomMark::Invited,
        RoomState::Active => RoomMark::Active,
        RoomState::Closed => RoomMark::Closed,
        RoomState::Failed => RoomMark::Failed,
    }
}

/// By the names of `OutboxState` and `DeliveryProgress`.
fn delivery(state: &str) -> Delivery {
    match state {
        "accepted" | "sent" => Delivery::Sent,
        "delivered" => Delivery::Delivered,
        "read" | "played" => Delivery::Read,
        "failed" | "withdrawn" => Delivery::Failed,
        _ => Delivery::Waiting,
    }
}

/// To the minute, in UTC; the page's script writes it as the reader's clock does.
pub(super) fn when(at: Timestamp) -> String {
    let text = at.to_string();
    let minute = text.get(..16).unwrap_or(&text);
    format!("{} UTC", minute.replace('T', " "))
}

#[cfg(test)]
mod tests {
    use onboarding_core::{DeliveryProgress, OutboxState};

    use super::*;

    #[test]
    fn every_state_of_a_message_has_its_tick() {
        use Delivery::{Delivered, Failed, Read, Sent, Waiting};
        let of_queue = OutboxState::ALL.iter().map(|state| delivery(state.as_str()));
        assert_eq!(
            of_queue.collect::<Vec<_>>(),
            [Waiting, Waiting, Waiting, Sent, Failed, Failed]
        );
        let of_phone = DeliveryProgress::ALL.iter().map(|state| delivery(state.as_str()));
        assert_eq!(
            of_phone.collect::<Vec<_>>(),
            [Sent, Delivered, Read, Read, Failed]
        );
    }

    #[test]
    fn a_time_is_written_to_the_minute() {
        let at = Timestamp::parse_rfc3339("2026-11-22T09:41:07.5Z").unwrap();
        assert_eq!(when(at), "2026-11-22 09:41 UTC");
    }
}
