//! Takes surveys out of field at once. Needs the state and the accounts, not the manifests.

use super::apply::carry_out;
use super::approval::confirm;
use super::project::SANDBOX;
use super::{Cause, Locked, Outcome, Project, Stop, Terminal, Vendors};
use crate::freeze::{self, Frozen};
use crate::model::Money;

/// Surveys to work on at once.
const PARALLELISM: usize = 8;

/// Pauses what is in field and has one of these names, in which `*` stands for anything; all where there are none.
///
/// # Errors
/// When it is not wanted, or not everything could be read.
pub async fn run(
    project: &Project,
    terminal: &dyn Terminal,
    names: &[String],
    yes: bool,
) -> Result<Outcome, Stop> {
    let work = async |locked: &Locked<'_>| {
        let known = locked.keeper.known().await;
        let Vendors { readers, markets, .. } = locked.vendors;
        let Frozen { plan, unread } =
            freeze::make_plan(&project.environment, &known, readers, names, markets).await;
        for step in &plan.steps {
            let saved = step.adds_exposure.map(|money| Money {
                amount: money.amount.abs(),
                ..money
            });
            let saved = saved.map_or_else(String::new, |money| format!(", {money} at stake"));
            terminal.data(&format!("pause {}{saved}\n", step.address))?;
        }
        let mut missing = false;
        for name in names {
            if known.resources.keys().any(|address| freeze::means(name, address)) {
                continue;
            }
            missing = true;
            let known = known.resources.keys().flat_map(freeze::names);
            let stop = Stop::failed(format!("nothing is remembered under `{name}`"));
            terminal.stop(&stop.meant(
                name,
                known.map(|address| address.to_string()),
                "see `infield state list`",
            ));
        }
        if plan.is_empty() {
            // Whoever stops everything and forgets to say where must not read that all is well.
            let elsewhere = project.others();
            if project.environment == SANDBOX && unread.is_empty() && !missing && !elsewhere.is_empty() {
                let stop =
                    Stop::failed("nothing in field in the environment `sandbox` matches: nothing was paused");
                return Err(stop.help(format!("say where: --env {}", elsewhere.join(" or --env "))));
            }
            terminal.status("nothing in field matches");
        } else {
            confirm(terminal, yes, "Pause these?", "nothing was paused", "use --yes")?;
        }
        let interrupts = terminal.interrupts();
        let (pace, stop) = ((PARALLELISM, false), interrupts.stop.clone());
        let steps = carry_out(&plan, (0, &[]), pace, locked, stop).await?;
        if !unread.is_empty() {
            let acted = !plan.is_empty() && steps.failed + steps.skipped == 0;
            return Err(Stop::unread(&unread, acted));
        }
        if missing {
            return Err(Stop::said(Cause::Unread {
                acted: !plan.is_empty(),
            }));
        }
        let lists = Vec::new();
        Ok(Outcome::Applied { steps, lists })
    };
    project.locked_and_connected("freeze", terminal, work).await
}
