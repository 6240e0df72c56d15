//! What the demo prints: where to look and what to try.

use std::net::SocketAddr;

use super::Folder;

/// The guide, line by line.
pub(super) fn lines(public: SocketAddr, operations: SocketAddr, folder: &Folder) -> Vec<String> {
    let state = match folder {
        Folder::Temporary(_) => "in a temporary folder that goes when the demo stops".to_owned(),
        Folder::Kept(path) => format!("in {}", path.display()),
    };
    let text = format!(
        "
  Onboarding demo: Acme Wealth, a simulated WhatsApp, three clients with phones

    Start here  http://{public}/                   the phone and Leap Work side by side, and what to try
    Phone       http://{public}/simulator/
    Leap Work   http://{public}/app/profile
    Admin       http://{public}/admin              the Organization Admin, as Michael Tam
    Decisions   http://{public}/demo/decisions     what the service decided, and why
    Sign in     http://{public}/sign-in            as anybody of Acme, with one click

  On the phone you are Jane Roe.

    1  Scan a QR code (or write #dom123456 to Acme Wealth).
       Acme names the employee and a number; the invitation arrives from it.
    2  Write “Hi there” to Acme Wealth: an automatic reply.
    3  Write #455567, which is nobody's: “not valid”.
    4  Write #dom123456 again: a reminder in the chat you have, no second one.
    5  Write #kate, then #michael: other chats, each on another number.
    6  Write #lee: the three numbers are used up, and Acme says so.
    7  Write #mei to Acme's number in Singapore, then #arjun there: Singapore has one number to give, so
       the second comes from the head office. Decisions tells each rung.

  Become 陳大文 to be answered in Chinese, or Ana Souza, who hides her number.

  Health and metrics: http://{operations}/readyz and /metrics.
  State is {state}. Ctrl-C stops the demo.
"
    );
    text.lines().map(str::to_owned).collect()
}
