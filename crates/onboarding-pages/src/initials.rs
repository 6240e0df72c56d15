//! What stands in an avatar without a picture.

/// The first letters of the first and the last word of a name, in upper case; of a name in one word, its first. What
/// stands in brackets is no part of the name.
pub(crate) fn initials(name: &str) -> String {
    let is_word = |word: &&str| word.chars().next().is_some_and(char::is_alphanumeric);
    let mut words = name.split_whitespace().filter(is_word);
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn a_name_gives_one_or_two_letters() {
        for (name, expected) in [
            ("Robert Fox", "RF"),
            ("ana maria souza", "AS"),
            ("Prince", "P"),
            ("Jane Roe (Globex)", "JR"),
            ("陳大文", "陳"),
            ("  ", ""),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
