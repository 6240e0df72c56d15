//! Pass, fail or invalid: a pure function of what was seen.

mod due;
mod outgoing;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use crate::{
    database::Books,
    life::Death,
    traffic::Person,
    witness::{Answer, Call, Sent, Shown},
};

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All that must hold was looked at, and held.
    Pass,
    /// Something that must hold did not.
    Fail,
    /// The run proves nothing.
    Invalid,
}

/// All that was seen of a run.
pub(crate) struct Seen<'a> {
    pub(crate) people: &'a [Person],
    /// In their order.
    pub(crate) calls: Vec<&'a Call>,
    pub(crate) sent: Vec<&'a Sent>,
    /// What each client sees at the end.
    pub(crate) phones: HashMap<&'a str, Vec<Shown>>,
    /// How each life ended.
    pub(crate) deaths: &'a [Death],
    pub(crate) books: &'a Books,
}

/// What was seen, in order.
struct Sorted<'a> {
    seen: &'a Seen<'a>,
    /// The accepted sends to each client, and the refused ones.
    calls_to: HashMap<&'a str, Vec<&'a Call>>,
    /// The ids of the clients' messages that were answered with 200.
    acknowledged: HashSet<&'a str>,
}

/// Figures of what was seen.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) clients: usize,
    /// Webhooks answered with 200.
    pub(crate) acknowledged: u64,
    /// Of those, how many the books do not have.
    pub(crate) lost: u64,
    /// Bodies that were stored more often than acknowledged: the crash fell between the commit and the answer.
    pub(crate) committed_unacknowledged: u64,
    /// Webhooks that failed at first and were acknowledged later.
    pub(crate) redelivered: u64,
    /// Messages that Meta accepted, without their copies.
    pub(crate) accepted: u64,
    /// Messages that Meta accepted twice.
    pub(crate) twice: u64,
    /// Attempts whose end the service did not know.
    pub(crate) unknown: u64,
    /// Messages that were given up after two such attempts, visibly to people.
    pub(crate) given_up: u64,
    /// What came in and was given up because a row of deaths took it along, visibly to people.
    pub(crate) dead_letters: u64,
    /// Answers that are due and did not reach a phone, apart from those.
    pub(crate) unanswered: u64,
    /// Messages that were kept in rooms.
    pub(crate) kept: u64,
}

/// What must hold and did not, one line each, with the figures.
pub(crate) struct Findings {
    pub(crate) failures: Vec<String>,
    pub(crate) figures: Figures,
}

/// Judges.
pub(crate) fn judge(seen: &Seen<'_>) -> Findings {
    let mut findings = Findings {
        failures: Vec::new(),
        figures: Figures {
            clients: seen.people.len(),
            unknown: seen.books.unknown_attempts,
            given_up: seen.books.given_up.values().map(count).sum(),
            dead_letters: seen.books.dead_letters.values().sum(),
            ..Figures::default()
        },
    };
    acknowledgements(seen, &mut findings);
    let sorted = Sorted::new(seen);
    outgoing::judge(&sorted, &mut findings);
    for person in seen.people {
        due::judge(&sorted, person, &mut findings);
    }
    given_up_rarely(&mut findings);
    if !seen.books.damage.is_empty() {
        findings.fail(format!("the database is damaged: {}", seen.books.damage));
    }
    findings
}

/// INV-4: what was answered with 200 is in the books, and everything was answered with 200 at last.
fn acknowledgements(seen: &Seen<'_>, findings: &mut Findings) {
    let mut by_body: HashMap<&[u8], u64> = HashMap::new();
    for sent in &seen.sent {
        let acknowledged = by_body.entry(&sent.body).or_default();
        if sent.acknowledged {
            *acknowledged += 1;
            findings.figures.acknowledged += 1;
            findings.figures.redelivered += u64::from(sent.in_vain > 0);
        }
    }
    for (body, acknowledged) in by_body {
        let stored = seen.books.bodies.get(body).copied().unwrap_or_default();
        findings.figures.lost += acknowledged.saturating_sub(stored);
        findings.figures.committed_unacknowledged += stored.saturating_sub(acknowledged);
    }
    let waiting = seen.sent.iter().filter(|sent| !sent.acknowledged).count();
    if waiting > 0 {
        findings.fail(format!("{waiting} webhooks were never answered with 200"));
    }
    let lost = findings.figures.lost;
    if lost > 0 {
        findings.fail(format!(
            "{lost} webhooks were answered with 200 and are not in the books"
        ));
    }
}

/// Giving up is a visible end, but it has to be rare: one in a hundred of what comes in, one in ten of what goes out. Each
/// death cuts all messages that are leased at the time, and a run has more deaths in a minute than a year.
fn given_up_rarely(findings: &mut Findings) {
    let figures = &findings.figures;
    let (dead, incoming) = (figures.dead_letters, figures.acknowledged);
    let (given_up, outgoing) = (figures.given_up, figures.accepted);
    if dead * 100 > incoming {
        findings.fail(format!("{dead} of {incoming} elements were given up"));
    }
    if given_up * 10 > outgoing {
        findings.fail(format!(
            "{given_up} messages were given up, and {outgoing} accepted"
        ));
    }
}

/// A count as a figure.
fn count<T>(set: &HashSet<T>) -> u64 {
    u64::try_from(set.len()).unwrap_or(u64::MAX)
}

impl<'a> Sorted<'a> {
    fn new(seen: &'a Seen<'a>) -> Self {
        let mut calls_to: HashMap<_, Vec<_>> = HashMap::new();
        for call in &seen.calls {
            calls_to.entry(call.to.as_str()).or_default().push(*call);
        }
        let acknowledged = seen.sent.iter().filter(|sent| sent.acknowledged);
        let messages = acknowledged.flat_map(|sent| sent.messages.iter().map(String::as_str));
        Self {
            seen,
            calls_to,
            acknowledged: messages.collect(),
        }
    }

    /// The sends of this name to a client.
    fn calls(&self, client: &str, name: &str) -> impl Iterator<Item = &'a Call> {
        let calls = self.calls_to.get(client).into_iter().flatten();
        calls.copied().filter(move |call| call.said.name == name)
    }

    /// The messages of this name that reached a client's phone, by what the service calls them.
    fn heard(&self, client: &str, name: &str) -> HashSet<&'a str> {
        let shown = self.seen.phones.get(client);
        let on_phone = |id: &str| shown.is_some_and(|shown| shown.iter().any(|one| one.id == id));
        self.calls(client, name)
            .filter(|call| call.accepted().is_some_and(on_phone))
            .map(|call| call.message.as_str())
            .collect()
    }

    /// The messages of this name to a client that were given up after two attempts whose end was not known. They may be
    /// on the phone all the same.
    fn given_up(&self, client: &str, name: &str) -> HashSet<&'a str> {
        let which = self
            .seen
            .books
            .given_up
            .get(&(client.to_owned(), name.to_owned()));
        which.into_iter().flatten().map(String::as_str).collect()
    }

    /// The messages of this name to a client that failed for good, and that Meta did refuse.
    fn refused(&self, client: &str, name: &str) -> HashSet<&'a str> {
        let key = (client.to_owned(), name.to_owned());
        let failed = self.seen.books.refused.get(&key);
        self.calls(client, name)
            .filter(|call| call.answer == Answer::Refused)
            .map(|call| call.message.as_str())
            .filter(|message| failed.is_some_and(|failed| failed.contains(*message)))
            .collect()
    }

    /// How many messages of this name to a client left the service in doubt twice.
    fn doubted(&self, client: &str, name: &str) -> u64 {
        let key = (client.to_owned(), name.to_owned());
        self.seen.books.doubted.get(&key).copied().unwrap_or_default()
    }
}

impl Findings {
    fn fail(&mut self, failure: String) {
        self.failures.push(failure);
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  clients                      {}", self.clients)?;
        writeln!(f, "  webhooks acknowledged        {}", self.acknowledged)?;
        writeln!(f, "    and lost                   {}", self.lost)?;
        writeln!(f, "    at a later attempt         {}", self.redelivered)?;
        writeln!(
            f,
            "  committed, unacknowledged    {}",
            self.committed_unacknowledged
        )?;
        writeln!(f, "  messages accepted by Meta    {}", self.accepted)?;
        writeln!(f, "    twice                      {}", self.twice)?;
        writeln!(f, "  attempts of unknown end      {}", self.unknown)?;
        writeln!(f, "    given up after two         {}", self.given_up)?;
        writeln!(f, "  dead letters                 {}", self.dead_letters)?;
        writeln!(f, "  answers due and not there    {}", self.unanswered)?;
        write!(f, "  words kept in rooms          {}", self.kept)
    }
}
