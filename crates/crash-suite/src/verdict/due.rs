//! What each client is due, and whether they heard just that.

use super::{Findings, Sorted, count};
use crate::{
    traffic::{Person, Wish},
    witness::Answer,
};

/// INV-5 from outside: everything that was acknowledged has its answer on the phone, and nothing else is there.
pub(super) fn judge(sorted: &Sorted<'_>, person: &Person, findings: &mut Findings) {
    let all = person.asked.iter().chain(&person.talked);
    if !all
        .clone()
        .all(|message| sorted.acknowledged.contains(message.as_str()))
    {
        // Told already, and nothing is due for it.
        return;
    }
    let asked = u64::try_from(person.asked.len()).unwrap_or(u64::MAX);
    let dead_letters = sorted.seen.books.dead_letters.get(&person.bsuid).copied();
    let mut account = Account {
        sorted,
        person,
        findings,
        dead_letters: dead_letters.unwrap_or_default(),
        expected: Vec::new(),
    };
    match person.wish {
        Wish::Chat { .. } => account.exactly("no_extension", asked),
        Wish::Guess => account.exactly("extension_not_found", asked),
        Wish::Stray => account.exactly("room_closed", asked),
        Wish::Reach { .. } => account.reached(asked),
    }
    account.nothing_else();
}

struct Account<'a, 'b> {
    sorted: &'a Sorted<'a>,
    person: &'a Person,
    findings: &'b mut Findings,
    /// Messages of the client that people see as given up: nothing is due for these.
    dead_letters: u64,
    /// The names of what may be on the phone.
    expected: Vec<&'static str>,
}

impl Account<'_, '_> {
    /// Different messages of this name on the phone.
    fn heard(&self, name: &str) -> u64 {
        count(&self.sorted.heard(&self.person.id, name))
    }

    /// Different messages of this name on the phone, or visibly given up, or visibly refused by Meta.
    fn ended(&self, name: &str) -> u64 {
        let mut ended = self.sorted.heard(&self.person.id, name);
        ended.extend(self.sorted.refused(&self.person.id, name));
        ended.extend(self.sorted.given_up(&self.person.id, name));
        count(&ended)
    }

    fn exactly(&mut self, name: &'static str, due: u64) {
        self.expected.push(name);
        self.compare(name, due, self.ended(name));
    }

    fn compare(&mut self, what: &str, due: u64, ended: u64) {
        let id = &self.person.id;
        if ended > due {
            let more = ended - due;
            self.findings
                .fail(format!("{id} heard {what} {more} times more than asked for"));
        }
        let missing = due.saturating_sub(ended + self.dead_letters);
        if missing > 0 {
            self.findings.figures.unanswered += missing;
            self.findings
                .fail(format!("{id} is due {missing} more of {what}"));
        }
    }

    /// Each scan led to a room or to a reminder; each room to an invitation, or to the news that it failed.
    fn reached(&mut self, scans: u64) {
        let id = self.person.id.as_str();
        let infos = self.ended("user_info");
        let reminders = self.ended("room_reminder");
        let invitations = self.heard("invitation");
        let failed = self.ended("invitation_failed");
        self.expected
            .extend(["user_info", "room_reminder", "room_pointer", "invitation"]);
        self.compare("user_info or room_reminder", scans, infos + reminders);
        if infos == 0 && self.dead_letters == 0 {
            self.findings.fail(format!("{id} has a reminder and no room"));
        }
        if invitations + failed < infos {
            self.findings.figures.unanswered += 1;
            self.findings
                .fail(format!("{id} is due an invitation, or the news that it failed"));
        }
        let pointers = self.ended("room_pointer");
        if pointers > reminders {
            self.findings
                .fail(format!("{id} is pointed to a room without a reminder in it"));
        }
        self.failures_are_true(failed);
        self.words_are_kept(failed);
    }

    /// Who is told that an invitation failed has one that Meta refused, or one that was given up. The latter may have
    /// arrived, as a late status then tells.
    fn failures_are_true(&mut self, failed: u64) {
        if failed == 0 {
            return;
        }
        self.expected.push("invitation_failed");
        let id = self.person.id.as_str();
        let invitations = self.sorted.calls(id, "invitation");
        let refused = invitations.filter(|call| call.answer == Answer::Refused);
        let reasons = u64::try_from(refused.count()).unwrap_or(u64::MAX);
        if failed > reasons + self.sorted.doubted(id, "invitation") {
            self.findings
                .fail(format!("{id} was told of a failure that there was not"));
        }
    }

    /// What the client wrote in the room is in the books once. A room that failed has closed its door.
    fn words_are_kept(&mut self, failed: u64) {
        for word in &self.person.talked {
            let kept = self
                .sorted
                .seen
                .books
                .room_lines
                .get(word)
                .copied()
                .unwrap_or_default();
            self.findings.figures.kept += kept.min(1);
            if kept > 1 {
                self.findings.fail(format!(
                    "{} wrote {word} once, and it is kept {kept} times",
                    self.person.id
                ));
            } else if kept == 0 && failed == 0 && self.dead_letters == 0 {
                self.findings.fail(format!(
                    "{} wrote {word} in a room, and it is not kept",
                    self.person.id
                ));
            }
        }
        if failed > 0 && !self.person.talked.is_empty() {
            self.expected.push("room_closed");
        }
    }

    fn nothing_else(&mut self) {
        let shown = self.sorted.seen.phones.get(self.person.id.as_str());
        let others: Vec<_> = shown
            .into_iter()
            .flatten()
            .filter(|shown| !self.expected.contains(&shown.said.name.as_str()))
            .map(|shown| format!("{} from {}", shown.said.name, shown.from))
            .collect();
        if !others.is_empty() {
            self.findings.fail(format!(
                "{} heard what was not asked for: {}",
                self.person.id,
                others.join(", ")
            ));
        }
    }
}
