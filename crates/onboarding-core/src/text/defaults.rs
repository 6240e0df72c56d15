//! Our own texts, for companies that wrote none.

use crate::{Language, TextKey, TextTemplate};

/// Our default in this language, if we have one.
pub(super) fn text(key: TextKey, language: &Language) -> Option<TextTemplate> {
    let source = match language.as_str().split('-').next() {
        Some("en") => ENGLISH,
        // Traditional characters are the written form of Hong Kong, Macao and Taiwan.
        Some("zh") if matches!(language.as_str(), "zh-HK" | "zh-TW" | "zh-MO" | "zh-Hant") => CHINESE,
        _ => return None,
    };
    let parsed = TextTemplate::parse(source(key));
    Some(parsed.expect("a test parses every default text"))
}

/// Our English text.
pub(super) fn english(key: TextKey) -> TextTemplate {
    TextTemplate::parse(ENGLISH(key)).expect("a test parses every default text")
}

type Source = fn(TextKey) -> &'static str;

const ENGLISH: Source = |key| match key {
    TextKey::NoExtension => {
        "{company_name} Bot: To reach a member of our team, please send their extension, for example #michael. \
         You find it on their business card or QR code."
    }
    TextKey::ExtensionNotFound => {
        "{company_name} Bot: I'm sorry, nobody here has this extension. Please check it and send it again."
    }
    TextKey::GuessingLocked => {
        "{company_name} Bot: Too many extensions were tried from your number. Please try again later, or ask \
         your contact for their QR code."
    }
    TextKey::NumberOfRoom => {
        "{company_name} Bot: Yes, {asked_number} belongs to {company_name}. You chat with {user_name} there."
    }
    TextKey::NumberOurs => {
        "{company_name} Bot: Yes, {asked_number} belongs to {company_name}. You have no chat with any of us there."
    }
    TextKey::NumberNotOurs => {
        "{company_name} Bot: No, {asked_number} is not a number of {company_name}. If somebody writes to you from it in our \
         name, please do not answer."
    }
    TextKey::UserInfo => {
        "Dear customer, I have found {user_name} at {company_name}. You will receive an invitation to chat in a \
         few seconds from {secondary_number}."
    }
    TextKey::HandOffLink => "Please tap this link to start your chat with {user_name}: {link}",
    TextKey::RoomReminder => {
        "You asked for {user_name}. This is your chat with them: please just write here."
    }
    TextKey::RoomPointer => {
        "You already have a chat with {user_name}. It is with the number {secondary_number}: please write there."
    }
    TextKey::NoSecondaryNumber => {
        "{company_name} Bot: I'm sorry, {user_name} cannot be connected with you right now because all our lines \
         are taken. Please try again later."
    }
    TextKey::MessagingLimitReached => {
        "{company_name} Bot: I'm sorry, we have reached the number of new conversations for today. Please try \
         again tomorrow."
    }
    TextKey::AccountUnhealthy => {
        "{company_name} Bot: I'm sorry, our messaging lines have a technical problem. Please try again later."
    }
    TextKey::InvitationFailed => {
        "{company_name} Bot: I'm sorry, the invitation to chat with {user_name} could not be delivered. Please \
         send {extension} again to retry."
    }
    TextKey::ProspectReceived => {
        "Thank you. {user_name} has received your request and will get in touch with you here."
    }
    TextKey::RoomClosed => {
        "{company_name} Bot: This conversation is closed. To start a new one, please write to {primary_number} \
         with the extension of the person you want to reach."
    }
    TextKey::RoomEnded => {
        "{company_name} Bot: This conversation has been closed on our side. To reach us again, please write to \
         {primary_number} with the extension of the person you want."
    }
    TextKey::Declined => {
        "{company_name} Bot: All right, this conversation is closed. If you change your mind, please write to \
         {primary_number} with the extension of the person you want."
    }
    TextKey::RoomMoved => {
        "The number of your chat with {user_name} at {company_name} changes. You will receive an invitation from \
         {secondary_number}: please write there from now on."
    }
    TextKey::RoomHandedOver => {
        "From now on {user_name} looks after you at {company_name}. You will receive an invitation to chat from \
         {secondary_number}."
    }
    TextKey::OptedOut => {
        "{company_name} Bot: You will get no more messages from us. If you change your mind, send START."
    }
    TextKey::StillOptedOut => {
        "{company_name} Bot: You asked us not to write to you any more, so nobody can. To be connected, first send \
         START, then the extension again."
    }
    TextKey::OptedIn => {
        "{company_name} Bot: Welcome back. To reach a member of our team, please send their extension to \
         {primary_number}."
    }
    TextKey::WaitingList => {
        "{company_name} Bot: All our lines for you are taken right now. You are number {position} on the waiting \
         list, and you will hear from {user_name} as soon as a line is free."
    }
    TextKey::WaitingExpired => {
        "{company_name} Bot: I'm sorry, no line became free and you are no longer on the waiting list. If you still \
         would like to reach {user_name}, please send {extension} again."
    }
};

const CHINESE: Source = |key| match key {
    TextKey::NoExtension => {
        "{company_name} Bot：如欲聯絡我們的同事，請傳送其分機代號，例如 #michael。您可在名片或 QR 碼上找到。"
    }
    TextKey::ExtensionNotFound => "{company_name} Bot：抱歉，找不到此分機代號。請核對後再次傳送。",
    TextKey::GuessingLocked => {
        "{company_name} Bot：您已嘗試過多分機代號。請稍後再試，或向您的聯絡人索取其 QR 碼。"
    }
    TextKey::NumberOfRoom => {
        "{company_name} Bot：是的，{asked_number} 是 {company_name} 的號碼，您在該處與 {user_name} 對話。"
    }
    TextKey::NumberOurs => {
        "{company_name} Bot：是的，{asked_number} 是 {company_name} 的號碼，但您在該處與我們沒有對話。"
    }
    TextKey::NumberNotOurs => {
        "{company_name} Bot：不是，{asked_number} 並非 {company_name} 的號碼。如有人以該號碼用我們的名義聯絡您，請勿回覆。"
    }
    TextKey::UserInfo => {
        "親愛的客戶，已為您找到 {company_name} 的 {user_name}。您將於數秒內收到來自 {secondary_number} 的對話邀請。"
    }
    TextKey::HandOffLink => "請點按此連結與 {user_name} 開始對話：{link}",
    TextKey::RoomReminder => "您想聯絡 {user_name}。這就是您與其的對話，請直接在此留言。",
    TextKey::RoomPointer => "您與 {user_name} 已有對話，號碼為 {secondary_number}，請在該對話中留言。",
    TextKey::NoSecondaryNumber => {
        "{company_name} Bot：抱歉，線路已全部佔用，暫時無法為您接通 {user_name}。請稍後再試。"
    }
    TextKey::MessagingLimitReached => "{company_name} Bot：抱歉，今日的新對話數量已達上限，請明天再試。",
    TextKey::AccountUnhealthy => "{company_name} Bot：抱歉，我們的訊息線路出現技術問題，請稍後再試。",
    TextKey::InvitationFailed => {
        "{company_name} Bot：抱歉，與 {user_name} 的對話邀請未能送達。請再次傳送 {extension} 重試。"
    }
    TextKey::ProspectReceived => "多謝。{user_name} 已收到您的要求，稍後會與您聯絡。",
    TextKey::RoomClosed => {
        "{company_name} Bot：此對話已關閉。如欲開始新對話，請將您想聯絡的同事的分機代號傳送至 {primary_number}。"
    }
    TextKey::RoomEnded => {
        "{company_name} Bot：我們已結束此對話。如欲再次聯絡我們，請將您想聯絡的同事的分機代號傳送至 {primary_number}。"
    }
    TextKey::Declined => {
        "{company_name} Bot：好的，此對話已結束。如您改變主意，請向 {primary_number} 傳送所需同事的分機代號。"
    }
    TextKey::RoomMoved => {
        "您與 {company_name} 的 {user_name} 的對話號碼將會更改。您將收到來自 {secondary_number} 的邀請，今後請在該對話中留言。"
    }
    TextKey::RoomHandedOver => {
        "由即日起，{company_name} 的 {user_name} 將為您服務。您將收到來自 {secondary_number} 的對話邀請。"
    }
    TextKey::OptedOut => "{company_name} Bot：您將不會再收到我們的訊息。如欲重新接收，請傳送「開始」。",
    TextKey::StillOptedOut => {
        "{company_name} Bot：您曾要求不再接收訊息，因此我們無法為您接通。請先傳送「開始」，然後再次傳送分機代號。"
    }
    TextKey::OptedIn => {
        "{company_name} Bot：歡迎回來。如欲聯絡我們的同事，請將其分機代號傳送至 {primary_number}。"
    }
    TextKey::WaitingList => {
        "{company_name} Bot：線路暫時全部佔用。您在輪候名單上排第 {position} 位，線路一有空，{user_name} 便會與您聯絡。"
    }
    TextKey::WaitingExpired => {
        "{company_name} Bot：很抱歉，線路一直未有空位，您已不在輪候名單上。如仍欲聯絡 {user_name}，請再次傳送 {extension}。"
    }
};
