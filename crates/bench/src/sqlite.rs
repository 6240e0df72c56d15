//! The ceiling of the embedded database: the same transactions through the library, on one connection as durable as the
//! service's, and nothing else.

use std::{path::Path, time::Duration};

use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, ToSql, named_params};

use crate::{clock, load::count};

const DELIVERY: &str = include_str!("sqlite/delivery.sql");
const ONBOARDING: &str = include_str!("sqlite/onboarding.sql");

/// How a decision of the service is explained.
const TRACE: &str = include_str!("trace.json");

/// What the audit says of it.
const AUDIT: &str = include_str!("audit.json");

/// What a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Stores a delivery.
    Delivery,
    /// Stores a delivery, and decides on it in a transaction of its own.
    Onboarding,
}

/// Does the same work again and again.
pub(crate) struct Bare {
    connection: Connection,
    /// Users with the numbers of their pool: the primary, then the secondaries.
    users: Vec<User>,
    raw: Vec<u8>,
    payload: Vec<u8>,
    next: u32,
}

struct User {
    id: Vec<u8>,
    extension: String,
    primary: Vec<u8>,
    secondary: Vec<u8>,
}

impl Bare {
    /// On a database of the service's version with the company in it, which no service has open.
    pub(crate) fn open(file: &Path, raw: usize, payload: usize) -> anyhow::Result<Self> {
        let connection = Connection::open(file)?;
        connection.set_prepared_statement_cache_capacity(100);
        connection.execute_batch(
            "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL;",
        )?;
        let users = users(&connection).context("the company of the ceiling")?;
        Ok(Self {
            connection,
            users,
            raw: vec![b'{'; raw],
            payload: vec![b'{'; payload],
            next: 0,
        })
    }

    /// How much of it a second, each in a transaction of its own or `group` of them in one.
    pub(crate) fn per_second(&mut self, work: Work, group: u32, time: Duration) -> anyhow::Result<f64> {
        let (begin, first) = (clock::now(), self.next);
        while begin.elapsed() < time {
            self.in_transaction(DELIVERY, group)?;
            if work == Work::Onboarding {
                self.in_transaction(ONBOARDING, group)?;
            }
            self.next += group;
        }
        Ok(count((self.next - first) as usize) / begin.elapsed().as_secs_f64())
    }

    fn in_transaction(&mut self, statements: &str, group: u32) -> anyhow::Result<()> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for nth in self.next..self.next + group {
            self.once(statements, nth)?;
        }
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    fn once(&self, statements: &str, nth: u32) -> anyhow::Result<()> {
        let user = &self.users[nth as usize % self.users.len()];
        let now = i64::try_from(std::time::UNIX_EPOCH.elapsed()?.as_micros())?;
        let id = |kind: u8| {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&nth.to_be_bytes());
            id[15] = kind;
            id
        };
        let phone = format!("8526{nth:07}");
        let (delivery, inbox, token, identity, profile, room) = (id(1), id(2), id(3), id(4), id(5), id(6));
        let (onboarding, info, invitation) = (id(7), id(8), id(9));
        let (dedupe, lane) = (
            format!("wamid.HBgLMTIzNDU2Nzg5MDEyMzQ1{nth}"),
            format!("primary/HK.{phone}"),
        );
        let values: &[(&str, &dyn ToSql)] = named_params! {
            ":now": now, ":raw": self.raw, ":payload": self.payload, ":delivery": delivery, ":inbox": inbox,
            ":token": token, ":identity": identity, ":profile": profile, ":room": room, ":onboarding": onboarding,
            ":info": info, ":invitation": invitation, ":dedupe": dedupe, ":lane": lane, ":phone": phone,
            ":user_id": format!("HK.{phone}"), ":user": user.id, ":extension": user.extension,
            ":primary": user.primary, ":secondary": user.secondary, ":trace": TRACE, ":audit": AUDIT,
            ":hash": [0_u8; 32],
        };
        for statement in statements
            .split(';')
            .filter(|statement| !statement.trim().is_empty())
        {
            let mut statement = self.connection.prepare_cached(statement)?;
            for (name, value) in values {
                if let Some(place) = statement.parameter_index(name)? {
                    statement.raw_bind_parameter(place, value)?;
                }
            }
            let mut rows = statement.raw_query();
            while rows.next()?.is_some() {}
        }
        Ok(())
    }
}

fn users(connection: &Connection) -> anyhow::Result<Vec<User>> {
    let mut users = connection.prepare(
        "SELECT user_id, extension, pool_id FROM users JOIN pool_org_units USING (company_id, org_unit_id)
         WHERE extension IS NOT NULL",
    )?;
    let mut member = connection.prepare(
        "SELECT account_id FROM pool_members WHERE pool_id = ?1 AND role = ?2 ORDER BY place LIMIT 1",
    )?;
    let mut found = Vec::new();
    let mut rows = users.query([])?;
    while let Some(row) = rows.next()? {
        let pool: String = row.get(2)?;
        let mut of_role = |role: &str| {
            let member = member
                .query_row([pool.as_str(), role], |row| row.get(0))
                .optional()?;
            member.context("a pool without a number")
        };
        found.push(User {
            id: row.get(0)?,
            extension: row.get(1)?,
            primary: of_role("primary")?,
            secondary: of_role("secondary")?,
        });
    }
    Ok(found)
}
