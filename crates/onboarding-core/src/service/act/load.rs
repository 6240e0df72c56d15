//! The facts that acts rest on.

use super::{
    super::limits::{CountedLately, count_limits},
    ActPorts,
};
use crate::{
    AccountUsage, ChatRoomId, ClientIdentityId, Company, CompanyId, ProspectId, User, UserId, WaId,
    lifecycle::{ProspectContext, RoomContext, Successor},
    ports::StoreError,
};

impl ActPorts {
    pub(super) async fn room_context(
        &self,
        company: &CompanyId,
        room: ChatRoomId,
    ) -> Result<Option<RoomContext>, StoreError> {
        let Some(company) = self.companies.company(company).await? else {
            return Ok(None);
        };
        let Some(view) = self.rooms.room(&company.id, room).await? else {
            return Ok(None);
        };
        let room = view.room;
        let Some(user) = self.rooms.user(&company.id, room.user).await? else {
            return Ok(None);
        };
        let Some(client) = self.rooms.client(&company.id, room.identity).await? else {
            return Ok(None);
        };
        let check = &self.chat_room_check;
        let to_primary = check.client_last_wrote_at(&company.id, room.primary, room.identity);
        let wrote_to_primary = to_primary.await?;
        let to_secondary = check.client_last_wrote_at(&company.id, room.account, room.identity);
        let wrote_to_secondary = to_secondary.await?;
        Ok(Some(RoomContext {
            company,
            room,
            user,
            client,
            wrote_to_primary,
            wrote_to_secondary,
        }))
    }

    /// The user who is to go on in the place of the room's.
    pub(super) async fn successor(
        &self,
        context: &RoomContext,
        to: UserId,
    ) -> Result<Option<Successor>, StoreError> {
        let (company, room) = (&context.company, &context.room);
        let Some(user) = self.rooms.user(&company.id, to).await? else {
            return Ok(None);
        };
        let Some(bound) = self.rooms.profile(&company.id, room.profile).await? else {
            return Ok(None);
        };
        // The new room is for the profile that stands for the room's now, unless that is another client's.
        let current = bound.current();
        let anothers = current.identity.is_some_and(|id| id != room.identity);
        let profile = if anothers { bound } else { current };
        let existing = self.chat_room_check.live_room(&company.id, to, room.identity);
        let existing = existing.await?;
        let usage = self.usage_for(company, &user, room.identity).await?;
        Ok(Some(Successor {
            user,
            profile,
            room: existing,
            usage,
        }))
    }

    pub(super) async fn prospect_context(
        &self,
        company: &CompanyId,
        prospect: ProspectId,
    ) -> Result<Option<ProspectContext>, StoreError> {
        let Some(company) = self.companies.company(company).await? else {
            return Ok(None);
        };
        let Some(prospect) = self.prospects.prospect(&company.id, prospect).await? else {
            return Ok(None);
        };
        let Some(user) = self.rooms.user(&company.id, prospect.user).await? else {
            return Ok(None);
        };
        let identity = prospect.identity;
        let Some(client) = self.rooms.client(&company.id, identity).await? else {
            return Ok(None);
        };
        let check = &self.chat_room_check;
        let wrote = check.client_last_wrote_at(&company.id, prospect.primary, identity);
        let wrote_to_primary = wrote.await?;
        let room = check.live_room(&company.id, user.id, identity).await?;
        let phone = client.aliases.wa_id.as_ref().map(WaId::match_key);
        let selection = &self.client_profile_selection;
        let profiles = selection.profiles_of(&company.id, Some(identity), phone).await?;
        let usage = self.usage_for(&company, &user, identity).await?;
        Ok(Some(ProspectContext {
            company,
            prospect,
            user,
            client,
            wrote_to_primary,
            room,
            profiles,
            usage,
        }))
    }

    /// How the secondaries that serve the user are used, by this client too.
    pub(super) async fn usage_for(
        &self,
        company: &Company,
        user: &User,
        identity: ClientIdentityId,
    ) -> Result<Vec<AccountUsage>, StoreError> {
        let mut accounts: Vec<_> = company
            .pools_for(&user.org_unit)
            .iter()
            .flat_map(|pool| pool.secondaries.iter().copied())
            .collect();
        accounts.sort_unstable();
        accounts.dedup();
        let numbers = &self.secondary_number_allocation;
        let mut usage = numbers.usage_of(&company.id, Some(identity), &accounts).await?;
        count_limits(
            self.platform.as_ref(),
            &CountedLately::default(),
            company,
            &mut usage,
            self.clock.now(),
        )
        .await?;
        Ok(usage)
    }
}
