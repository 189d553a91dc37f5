//! Looking and planning, as every command does it, and the drivers that do it badly.

use super::{Permission, World};
use crate::check::Looked;
use crate::sim::Sabotage;
use infield::marketplace::Markets;
use infield::model::{Known, Reading};
use infield::plan::{Action, Choices, Guard, Plan, Step};
use infield::recover::Recovery;
use infield::refresh::Readers;
use infield::state::{Keeper, Op};
use infield::workflow::{self, Planned, Request};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use std::borrow::Cow;

impl World {
    /// Looks and plans; nothing where the plan is not sound, which breaks a promise.
    pub(crate) async fn plan(
        &self,
        permission: &Permission,
        readers: &Readers,
        known: &Known,
        recoveries: &[Recovery],
    ) -> Option<Planned> {
        let choices = Choices {
            resume: permission.resume.clone(),
            whole_project: true,
            unseen: self.not_removed(),
            advance: permission.climbs.advance.clone(),
            approved_before: permission.climbs.alone,
            ..Choices::default()
        };
        let wanted = self.astray(self.wanted());
        let request = Request {
            environment: "sandbox",
            desired: &wanted,
            readers,
            markets: &Markets::default(),
            guards: &permission.guards,
            choices: &choices,
            own_rules: None,
            now: self.sim.wall(),
        };
        match workflow::make_plan(&request, known, recoveries).await {
            Ok(mut planned) => {
                if self.sim.sabotage == Some(Sabotage::NoLook) {
                    planned.live.name_collisions.clear();
                    planned.plan = infield::plan::plan(&request.inputs(known, &planned.live));
                }
                Some(planned)
            }
            Err(error) => {
                self.sim.fail(error.to_string());
                None
            }
        }
    }

    /// What a plan that was begun then knows of what is there already.
    pub(super) fn looked(&self, since: Timestamp, planned: &Planned) -> Looked {
        let lag = SignedDuration::try_from(self.sim.weather().list_lag).expect("a minute at most");
        let can_look = self.sim.market.id().facts().looks_for_twins;
        let unknown = planned.live.name_collisions.iter();
        let unknown = unknown.filter(|(_, found)| !can_look && !matches!(found, Reading::Present(_)));
        Looked {
            since: since.saturating_sub(lag).expect("a small lag"),
            in_vain: unknown.map(|(address, _)| address.clone()).collect(),
            ..Looked::default()
        }
    }

    /// What launches of a plan add that were sent before and may be on their way already.
    pub(super) fn sent_before(known: &Known, plan: &Plan) -> Decimal {
        let lost = |step: &&Step| {
            let survey = known.survey(&step.address);
            let job = survey.and_then(|survey| survey.job.as_ref());
            step.action == Action::Launch && job.is_some_and(|job| job.path.is_none())
        };
        let added = plan
            .steps
            .iter()
            .filter(lost)
            .filter_map(|step| step.adds_exposure);
        added.map(|money| money.amount).sum()
    }

    /// What the driver takes for approved.
    pub(super) fn approved_by_driver<'p>(&self, permission: &'p Permission) -> Cow<'p, Permission> {
        if self.sim.sabotage != Some(Sabotage::RemovesUnasked) {
            return Cow::Borrowed(permission);
        }
        let mut permission = permission.clone();
        permission.approved.insert(Guard::Remove);
        Cow::Owned(permission)
    }

    /// Sabotage: what an answer named is remembered, whoever has that id already.
    pub(super) async fn take_any_id(&self, keeper: &Keeper) {
        let named = std::mem::take(&mut *self.sim.repeated());
        let open = keeper.known().await.intents;
        for (body, named) in named {
            let asked = open
                .iter()
                .find(|(_, intent)| intent.body.as_ref() == Some(&body));
            if let Some((id, intent)) = asked {
                let close = Op::CloseIntent { id: id.clone() };
                let _ = keeper.commit(vec![super::taken_over(intent, named), close]).await;
            }
        }
    }
}
