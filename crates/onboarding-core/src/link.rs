//! `wa.me` links (Meta: QR codes and click to chat).

use crate::PhoneNumber;

/// A link that opens a chat with `number` and has `text` typed already.
///
/// Everything but unreserved ASCII is percent-encoded: a raw `#` would cut the text, a raw `+` would become
/// a space.
///
/// ```
/// use onboarding_core::{PhoneNumber, whatsapp_link};
///
/// let primary = PhoneNumber::parse("+85256428035").expect("a number");
/// assert_eq!(whatsapp_link(&primary, "#dom 1"), "https://wa.me/85256428035?text=%23dom%201");
/// ```
pub fn whatsapp_link(number: &PhoneNumber, text: &str) -> String {
    let mut link = format!("https://wa.me/{}?text=", number.digits());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            link.push(char::from(byte));
        } else {
            link.push('%');
            link.extend(
                [byte >> 4, byte & 15].map(|half| char::from(b"0123456789ABCDEF"[usize::from(half)])),
            );
        }
    }
    link
}
