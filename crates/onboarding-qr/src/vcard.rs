//! The same link for address books.

use crate::{clean::clean, link::Person};

/// A vCard 4.0 (RFC 6350) that an address book imports: who it is, and the link to the chat.
///
/// It holds no telephone number: the primary's would be taken for the person's own, and answers no calls.
pub fn vcard(person: &Person<'_>, company: &str, link: &str) -> String {
    let name = value(person.name);
    let mut lines = vec![
        "BEGIN:VCARD".to_owned(),
        "VERSION:4.0".to_owned(),
        "KIND:individual".to_owned(),
        format!("FN:{name}"),
        // Which part is the family's is not known; address books that ask for a structured name show it whole.
        format!("N:;{name};;;"),
        format!("ORG:{}", value(company)),
    ];
    let title = person.title.map(value).filter(|title| !title.is_empty());
    lines.extend(title.map(|title| format!("TITLE:{title}")));
    let email = person.email.map(value).filter(|email| !email.is_empty());
    lines.extend(email.map(|email| format!("EMAIL;TYPE=work:{email}")));
    // A URI is no text: it is not escaped, and an ASCII link has nothing that would end the line.
    lines.push(format!("URL;TYPE=work:{}", clean(link)));
    lines.push("END:VCARD".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

fn value(text: &str) -> String {
    let mut escaped = String::new();
    for c in clean(text).chars() {
        if matches!(c, '\\' | ',' | ';') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// No line has more than 75 bytes; what is longer continues on lines that begin with a space. No character is torn.
fn folded(line: &str) -> String {
    let mut folded = String::new();
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > 75 {
            folded.push_str("\r\n ");
            length = 1;
        }
        folded.push(c);
        length += c.len_utf8();
    }
    folded + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use onboarding_core::OrgUnitId;

    fn card(name: &str, title: Option<&str>) -> String {
        let unit = OrgUnitId::parse("hk").unwrap();
        let person = Person {
            username: "dom",
            name,
            title,
            email: Some("dom@acme.example"),
            org_unit: &unit,
            extension: None,
        };
        vcard(
            &person,
            "Acme, Sons & Co; HK",
            "https://wa.me/85256428035?text=%23dom",
        )
    }

    #[test]
    fn it_says_who_and_where() {
        let expected = [
            "BEGIN:VCARD",
            "VERSION:4.0",
            "KIND:individual",
            "FN:Robert Fox",
            "N:;Robert Fox;;;",
            r"ORG:Acme\, Sons & Co\; HK",
            "TITLE:Manager",
            "EMAIL;TYPE=work:dom@acme.example",
            "URL;TYPE=work:https://wa.me/85256428035?text=%23dom",
            "END:VCARD",
            "",
        ];
        assert_eq!(card("Robert Fox", Some("Manager")), expected.join("\r\n"));
        assert!(!card("Robert Fox", Some(" ")).contains("TITLE"));
    }

    #[test]
    fn a_name_adds_no_line_of_its_own() {
        let card = card("Eve\r\nTEL:+1900\n\\;,", None);
        assert!(!card.contains("\nTEL"), "{card}");
        assert!(card.contains("FN:Eve TEL:+1900 \\\\\\;\\,\r\n"), "{card}");
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        let name = "陳".repeat(80);
        let card = card(&name, None);
        assert!(card.split("\r\n").all(|line| line.len() <= 75), "{card}");
        assert!(card.replace("\r\n ", "").contains(&name));
    }
}
