//! Meta's error codes, with the HTTP status and the words that go with them.

/// Code, HTTP status, title, details; in the order of the codes.
#[rustfmt::skip]
const KNOWN: &[(u32, u16, &str, &str)] = &[
    (0, 401, "AuthException", "We were unable to authenticate the app user."),
    (1, 400, "API Unknown", "Invalid request or possible server error."),
    (2, 503, "Service temporarily unavailable", "Temporary downtime."),
    (3, 500, "API Method", "Capability or permissions issue."),
    (4, 400, "API Too Many Calls", "The app has reached its API call rate limit."),
    (10, 403, "Permission Denied", "Permission is either not granted or has been removed."),
    (33, 400, "Parameter value is not valid", "The business phone number has been deleted."),
    (100, 400, "Invalid parameter", "Unsupported or misspelled parameter."),
    (190, 401, "Access token has expired", "The access token has expired."),
    (368, 403, "Temporarily blocked for policies violations", "The account was restricted."),
    (80_007, 400, "Rate limit issues", "The account has reached its rate limit."),
    (130_429, 400, "Rate limit hit", "Cloud API message throughput has been reached."),
    (130_497, 403, "Business account is restricted from messaging users in this country.", "Country restriction."),
    (131_000, 500, "Something went wrong", "Message failed to send due to an unknown error."),
    (131_005, 403, "Access denied", "Permission is either not granted or has been removed."),
    (131_008, 400, "Required parameter is missing", "The request is missing a required parameter."),
    (131_009, 400, "Parameter value is not valid", "One or more parameter values are invalid."),
    (131_016, 500, "Service unavailable", "A service is temporarily unavailable."),
    (131_021, 400, "Recipient cannot be sender", "Sender and recipient phone number is the same."),
    (131_026, 400, "Message undeliverable", "Message Undeliverable."),
    (131_031, 403, "Account has been locked", "The account was restricted or disabled."),
    (131_037, 400, "Display name approval needed", "The number's display name is not approved."),
    (131_042, 400, "Business eligibility payment issue", "Message failed to send because there were one or more errors related to your payment method."),
    (131_045, 500, "Incorrect certificate", "Message failed to send due to a phone number registration error."),
    (131_047, 400, "Re-engagement message", "Message failed to send because more than 24 hours have passed since the customer last replied to this number."),
    (131_048, 400, "Spam rate limit hit", "Message failed to send because of restrictions on this number."),
    (131_049, 400, "This message was not delivered to maintain healthy ecosystem engagement.", "In order to maintain a healthy ecosystem engagement, the message failed to be delivered."),
    (131_051, 400, "Unsupported message type", "Message type is not currently supported."),
    (131_056, 400, "(Business Account, Consumer Account) pair rate limit hit", "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time."),
    (131_057, 500, "Account in maintenance mode", "The number is in maintenance mode."),
    (132_000, 400, "Number of parameters does not match the expected number of params", "Parameter count."),
    (132_001, 404, "Template name does not exist in the translation", "The template does not exist."),
    (132_005, 400, "Translated text too long", "The text is too long after the parameters were filled in."),
    (132_012, 400, "Parameter format does not match format in the created template", "Parameter format."),
    (132_015, 400, "Template is Paused", "Template is paused due to low quality."),
    (132_016, 400, "Template is Disabled", "Template has been paused too many times and is disabled."),
    (132_018, 400, "There was an issue with the parameters in your template", "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"),
    (133_004, 503, "Server Temporarily Unavailable", "Server is temporarily unavailable."),
    (133_010, 400, "Phone number not registered", "Phone number not registered on the Whatsapp Business Platform."),
];

/// HTTP status, title and details of a Cloud API error code.
pub(crate) fn catalogue(code: u32) -> (u16, &'static str, &'static str) {
    if let Some((_, status, title, details)) = KNOWN.iter().find(|(known, ..)| *known == code) {
        return (*status, title, details);
    }
    match code {
        200..=299 => (
            403,
            "API Permission",
            "Permission is either not granted or has been removed.",
        ),
        _ => (400, "Request refused", "The request was refused."),
    }
}
