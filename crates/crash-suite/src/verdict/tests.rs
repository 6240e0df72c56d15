//! Every rule sees what breaks it.

use super::*;
use crate::{
    company::{self, PRIMARY, SECONDARIES},
    traffic::Wish,
    witness::{Answer, Said},
};

const JANE: &str = "447700000001";
const CHAN: &str = "447700000002";

/// A run of one life that was killed and one that was told to stop, in which Jane reached a user, talked, and nothing
/// went wrong.
struct Story {
    people: Vec<Person>,
    calls: Vec<Call>,
    sent: Vec<Sent>,
    deaths: Vec<Death>,
    books: Books,
}

fn person(id: &str, wish: Wish, asked: &[&str]) -> Person {
    Person {
        id: id.to_owned(),
        bsuid: format!("GB.{id}"),
        wish,
        asked: asked.iter().map(|one| (*one).to_owned()).collect(),
        talked: Vec::new(),
    }
}

fn call(life: usize, message: &str, from: &'static str, name: &str, about: &str) -> Call {
    Call {
        life,
        message: message.to_owned(),
        to: JANE.to_owned(),
        from,
        said: Said {
            name: name.to_owned(),
            about: about.to_owned(),
        },
        answer: Answer::Accepted(format!("wamid.{life}.{message}")),
    }
}

impl Story {
    fn new() -> Self {
        let user = company::user_name(7);
        let mut jane = person(JANE, Wish::Reach { user: 7, scans: 1 }, &["scan"]);
        jane.talked.push("word".to_owned());
        let mut story = Self {
            people: vec![jane],
            calls: vec![
                call(0, "info", PRIMARY, "user_info", &user),
                call(0, "invitation", SECONDARIES[0], "invitation", &user),
            ],
            sent: Vec::new(),
            deaths: vec![Death::Killed, Death::Stopped],
            books: Books::default(),
        };
        story.arrives("scan");
        story.arrives("word");
        story.books.room_lines.insert("word".to_owned(), 1);
        story
    }

    /// A message is acknowledged and stored.
    fn arrives(&mut self, message: &str) {
        let body = message.as_bytes().to_vec();
        self.sent.push(Sent {
            body: body.clone(),
            messages: vec![message.to_owned()],
            acknowledged: true,
            in_vain: 0,
        });
        self.books.bodies.insert(body, 1);
    }

    fn chan_chats(&mut self) {
        self.people
            .push(person(CHAN, Wish::Chat { words: 1 }, &["hello"]));
        self.arrives("hello");
    }

    fn judge(&self) -> Findings {
        let mut phones: HashMap<&str, Vec<Shown>> = HashMap::new();
        for call in &self.calls {
            if let Some(id) = call.accepted() {
                phones.entry(&call.to).or_default().push(Shown {
                    id: id.to_owned(),
                    from: call.from,
                    said: call.said.clone(),
                });
            }
        }
        judge(&Seen {
            people: &self.people,
            calls: self.calls.iter().collect(),
            sent: self.sent.iter().collect(),
            phones,
            deaths: &self.deaths,
            books: &self.books,
        })
    }

    #[track_caller]
    fn passes(&self) {
        assert_eq!(self.judge().failures, [""; 0]);
    }

    #[track_caller]
    fn fails_with(&self, words: &str) {
        let failures = self.judge().failures;
        assert!(
            failures.iter().any(|failure| failure.contains(words)),
            "{failures:?}"
        );
    }
}

#[test]
fn all_well_passes() {
    let story = Story::new();
    story.passes();
    assert_eq!(story.judge().figures.kept, 1);
}

#[test]
fn what_was_acknowledged_and_is_not_in_the_books_is_lost() {
    let mut story = Story::new();
    story.books.bodies.remove(&b"scan"[..]);
    story.fails_with("1 webhooks were answered with 200 and are not in the books");
}

#[test]
fn what_was_stored_and_not_acknowledged_is_a_gap_that_was_reached() {
    let mut story = Story::new();
    story.books.bodies.insert(b"scan".to_vec(), 2);
    story.passes();
    assert_eq!(story.judge().figures.committed_unacknowledged, 1);
}

#[test]
fn a_webhook_that_is_never_acknowledged_fails() {
    let mut story = Story::new();
    story.sent[0].acknowledged = false;
    story.fails_with("never answered with 200");
}

#[test]
fn a_missing_answer_fails_unless_it_was_given_up_visibly() {
    let mut story = Story::new();
    story.chan_chats();
    story.fails_with("is due 1 more of no_extension");
    assert_eq!(story.judge().figures.unanswered, 1);
    let which = (CHAN.to_owned(), "no_extension".to_owned());
    let message = HashSet::from(["0192".to_owned()]);
    story.books.given_up.insert(which, message);
    assert_eq!(
        story.judge().failures,
        ["1 messages were given up, and 2 accepted"]
    );
}

#[test]
fn a_refused_answer_is_excused_if_meta_did_refuse_it_and_people_see_it() {
    let mut story = Story::new();
    story.chan_chats();
    let mut answer = call(0, "0192", PRIMARY, "no_extension", "");
    answer.to = CHAN.to_owned();
    answer.answer = Answer::Refused;
    story.calls.push(answer);
    story.fails_with("is due 1 more of no_extension");
    let which = (CHAN.to_owned(), "no_extension".to_owned());
    let message = HashSet::from(["0192".to_owned()]);
    story.books.refused.insert(which, message);
    story.passes();
    story.calls.pop();
    story.fails_with("is due 1 more of no_extension");
}

#[test]
fn an_answer_that_was_not_asked_for_fails() {
    let mut story = Story::new();
    story.calls.push(call(1, "again", PRIMARY, "no_extension", ""));
    story.fails_with("heard what was not asked for: no_extension");
    let mut story = Story::new();
    story
        .calls
        .push(call(1, "more", PRIMARY, "user_info", &company::user_name(7)));
    story.fails_with("1 times more than asked for");
}

#[test]
fn a_message_for_another_client_or_about_another_user_fails() {
    let mut story = Story::new();
    story.chan_chats();
    story.calls[1].to = CHAN.to_owned();
    story.fails_with("447700000002 heard what was not asked for: invitation");
    let mut story = Story::new();
    story.calls[1].said.about = company::user_name(8);
    story.fails_with("heard of User-008");
}

#[test]
fn a_second_copy_needs_a_first_that_was_cut() {
    let again = |life| call(life, "info", PRIMARY, "user_info", &company::user_name(7));
    let mut story = Story::new();
    story.calls.push(again(1));
    story.passes();
    assert_eq!(story.judge().figures.twice, 1);
    story.deaths[0] = Death::Stopped;
    story.fails_with("went out twice though no attempt was cut");
    let mut story = Story::new();
    story.calls.push(again(0));
    story.fails_with("went out twice though no attempt was cut");
    story.calls[0].answer = Answer::Withheld("wamid.silent".to_owned());
    story.passes();
}

#[test]
fn a_third_copy_fails() {
    let mut story = Story::new();
    story.deaths = vec![Death::Killed, Death::Killed, Death::Stopped];
    for life in [1, 2] {
        story
            .calls
            .push(call(life, "info", PRIMARY, "user_info", &company::user_name(7)));
    }
    story.fails_with("info went out 3 times");
}

#[test]
fn an_invitation_before_its_info_fails() {
    let mut story = Story::new();
    story.calls.swap(0, 1);
    story.fails_with("was invited before being told by whom");
}

#[test]
fn a_second_invitation_fails() {
    let mut story = Story::new();
    story.calls.push(call(
        1,
        "other",
        SECONDARIES[1],
        "invitation",
        &company::user_name(7),
    ));
    story.fails_with("has 2 invitations for one user");
}

#[test]
fn a_missing_invitation_fails_unless_the_client_was_told_and_truly() {
    let mut story = Story::new();
    story.people[0].talked.clear();
    story.calls[1].answer = Answer::Refused;
    story.fails_with("is due an invitation, or the news that it failed");
    story.calls.push(call(
        0,
        "sorry",
        PRIMARY,
        "invitation_failed",
        &company::user_name(7),
    ));
    story.passes();
    story.calls.remove(1);
    story.fails_with("was told of a failure that there was not");
}

#[test]
fn a_word_in_a_room_is_kept_once() {
    let mut story = Story::new();
    story.books.room_lines.clear();
    story.fails_with("and it is not kept");
    story.books.room_lines.insert("word".to_owned(), 2);
    story.fails_with("kept 2 times");
}

#[test]
fn dead_letters_excuse_their_client_and_must_be_rare() {
    let mut story = Story::new();
    story.books.room_lines.clear();
    story.books.dead_letters.insert(format!("GB.{JANE}"), 1);
    assert_eq!(story.judge().failures, ["1 of 2 elements were given up"]);
}

#[test]
fn damage_fails() {
    let mut story = Story::new();
    story.books.damage = "row 1 missing from index".to_owned();
    story.fails_with("the database is damaged: row 1");
}
