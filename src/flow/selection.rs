//! What a plan is about, and from an opened project to a checked plan of it: what `plan`, `apply` and drift share.

use super::{Connected, Locked, Project, Stop};
use crate::model::known::NO_TAGS;
use crate::model::live::BELIEVED;
use crate::model::pattern::ways;
use crate::model::{Address, Desired, Known, Named, Pattern, Study, VendorId, known};
use crate::plan::{Choices, GuardRules, Marketplaces};
use crate::recover::Recovery;
use crate::refresh::Look;
use crate::text::suggest;
use crate::workflow::{self, Planned, Request};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Which resources a plan is about.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these surveys and groups; all where there are none.
    pub targets: Vec<String>,
    /// Not these surveys and groups.
    pub excludes: Vec<String>,
    /// Put these back in field, whoever paused them.
    pub resume: Vec<String>,
    /// Go on to stages: `NAME=STAGE`.
    pub advance: Vec<String>,
    /// Nothing but what was approved before.
    pub approved_before: bool,
    /// Whether it is meant that there are no manifests.
    pub allow_no_manifests: bool,
}

impl Selection {
    /// What a saved plan was made for.
    pub fn of(choices: &Choices) -> Self {
        let names = |set: &BTreeSet<Address>| set.iter().map(Address::to_string).collect();
        Self {
            targets: names(&choices.targets),
            excludes: names(&choices.excludes),
            resume: names(&choices.resume),
            advance: choices
                .advance
                .iter()
                .map(|(address, stage)| format!("{address}={stage}"))
                .collect(),
            approved_before: choices.approved_before,
            // It was asked for, or there would be no saved plan.
            allow_no_manifests: true,
        }
    }
}

/// Reads the vendors with these readers and plans. Only readers are used.
///
/// # Errors
/// When a name does not exist, or nothing at all is wanted although there are surveys.
pub async fn make<L: Look>(
    at: &Connected<'_>,
    readers: &BTreeMap<VendorId, L>,
    known: &Known,
    recoveries: &[Recovery],
    selection: &Selection,
) -> Result<Planned, Stop> {
    let choices = choose(at.project, known, selection)?;
    let now = at.vendors.now(at.project.process);
    let rules = at.project.own_rules();
    let request = Request {
        own_rules: Some(&rules),
        ..request(at.project, readers, &at.vendors.markets, at.guards, &choices, now)
    };
    let mut planned = workflow::make_plan(&request, known, recoveries).await?;
    let ours = at.vendors.now(at.project.process);
    for (vendor, reader) in readers {
        if let Some(theirs) = reader
            .vendor_now()
            .filter(|theirs| is_another_time(*theirs, ours))
        {
            at.terminal.say(&other_time(*vendor, theirs, ours));
        }
    }
    at.project.remark(&mut planned.plan);
    Ok(planned)
}

/// Whether clocks differ by more than answers may take, which tell whole seconds.
fn is_another_time(theirs: Timestamp, ours: Timestamp) -> bool {
    theirs.duration_since(ours).abs() > SignedDuration::from_mins(2)
}

/// That a vendor has another time than this machine, and which one counts.
fn other_time(vendor: VendorId, theirs: Timestamp, ours: Timestamp) -> String {
    let (name, shown) = (vendor.name(), |at: Timestamp| at.strftime("%Y-%m-%d %H:%M UTC"));
    let rule = match theirs.duration_since(ours).abs() > BELIEVED {
        true => "they are so far apart that ours counts".to_owned(),
        false => format!("what begins and ends at {name} goes by its clock"),
    };
    format!(
        "the clock of this machine shows {}, and that of {name} {}: {rule}",
        shown(ours),
        shown(theirs)
    )
}

/// What is asked of the vendors for these manifests, at a time that is theirs.
pub fn request<'a, L>(
    project: &'a Project,
    readers: &'a BTreeMap<VendorId, L>,
    markets: &'a dyn Marketplaces,
    guards: &'a GuardRules,
    choices: &'a Choices,
    now: Timestamp,
) -> Request<'a, L> {
    Request {
        environment: &project.environment,
        desired: &project.loaded.desired,
        readers,
        markets,
        guards,
        choices,
        own_rules: None,
        now,
    }
}

impl Locked<'_> {
    /// Settles what is open of earlier work, and remembers it.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub async fn settle(&self) -> Result<Vec<Recovery>, Stop> {
        let terminal = self.terminal;
        let tell = |text: &str| terminal.status(text);
        Ok(workflow::settle(self.keeper, &self.vendors.readers, &tell).await?)
    }
}

/// What helps where nothing is near a name.
pub const OTHERWISE: &str = "write a name of the manifests, or one that `infield state list` shows";

/// Everything that manifests want and the state remembers, as it may be named.
pub fn everything<'a>(project: &'a Project, known: &'a Known) -> Vec<Named<'a>> {
    let desired = &project.loaded.desired;
    let wanted = desired.surveys.iter().map(|(address, survey)| Named {
        address,
        vendor: Some(survey.vendor),
        tags: &survey.policy.tags,
    });
    let groups = desired.groups.iter().map(|(address, group)| Named {
        address,
        vendor: Some(group.vendor),
        tags: &NO_TAGS,
    });
    wanted.chain(groups).chain(known.named()).collect()
}

/// The addresses that names mean, be they exact, patterns or tags; one mechanism for whatever takes names. `place` is where
/// they were typed.
///
/// # Errors
/// When one of them means nothing, as a mistake on the command line; `otherwise` helps where nothing is near it.
pub fn meant(
    names: &[String],
    all: &[Named<'_>],
    place: &str,
    otherwise: &str,
) -> Result<BTreeSet<Address>, Stop> {
    let mut found = BTreeSet::new();
    for name in names {
        let pattern = Pattern::new(name);
        let these = all.iter().filter(|named| pattern.means(named));
        let these: Vec<Address> = these.map(|named| named.address.clone()).collect();
        if these.is_empty() {
            return Err(means_nothing(&pattern, all, place, otherwise));
        }
        found.extend(these);
    }
    Ok(found)
}

/// What is said of a name that means nothing.
pub fn means_nothing(pattern: &Pattern, all: &[Named<'_>], place: &str, otherwise: &str) -> Stop {
    let place = match place {
        "" => String::new(),
        place => format!("{place}: "),
    };
    let stop = Stop::usage(match pattern.is_open() {
        true => format!("{place}nothing matches `{pattern}`"),
        false => format!("{place}there is no survey or group `{pattern}`"),
    });
    match nearly(pattern, all) {
        Some(near) => stop.help(suggest::ask(&near)),
        None => stop.meant(pattern.as_str(), ways(all.iter().copied()), otherwise),
    }
}

/// A pattern that means something and begins almost like one that does not.
fn nearly(pattern: &Pattern, all: &[Named<'_>]) -> Option<String> {
    let text = pattern.as_str();
    let (begins, rest) = text.split_at(text.find(['*', '?', '['])?);
    let letters = begins.chars().count();
    let ways = ways(all.iter().copied());
    let beginnings: BTreeSet<String> = ways
        .iter()
        .map(|way| way.chars().take(letters).collect())
        .collect();
    let near = suggest::nearest(begins, beginnings.iter().map(String::as_str))?;
    let near = format!("{near}{rest}");
    let meant = Pattern::new(&near);
    all.iter().any(|named| meant.means(named)).then_some(near)
}

/// What was asked for on the command line.
///
/// # Errors
/// When a name does not exist, or nothing at all is wanted although there are surveys.
pub fn choose(project: &Project, known: &Known, selection: &Selection) -> Result<Choices, Stop> {
    if let Some(twice) = known::said_twice(&known.resources) {
        return Err(
            Stop::failed(format!("in the state of `{}`, {twice}", project.environment))
                .help("`infield state rm NAME` forgets one of them; at the vendor nothing changes by it"),
        );
    }
    let desired = &project.loaded.desired;
    let nothing = desired.surveys.is_empty() && desired.groups.is_empty();
    // Outcomes alone may stand in a folder of their own, but not in place of the whole project.
    let only_outcomes = !project.loaded.reconciliations.is_empty() && !project.loaded.whole_project;
    if nothing && !only_outcomes && !known.resources.is_empty() && !selection.allow_no_manifests {
        return Err(Stop::refused(format!(
            "there are no manifests here, and the state of `{}` holds {} resources",
            project.environment,
            known.resources.len()
        ))
        .help(
            "is this the right folder? If they are really to go: --allow-no-manifests does to each what its \
             on_remove says",
        ));
    }
    let gone = known
        .resources
        .iter()
        .filter(|(_, resource)| resource.survey().is_some());
    let mut gone: BTreeSet<&str> = gone.map(|(address, _)| address.manifest()).collect();
    for address in desired.surveys.keys() {
        gone.remove(address.manifest());
    }
    let unseen = match project.loaded.whole_project && !gone.is_empty() {
        true => project.loaded.unseen(project.root.as_std_path(), &gone),
        false => BTreeMap::new(),
    };
    let lists: Vec<Address> = project
        .loaded
        .reconciliations
        .keys()
        .map(|name| Address::survey(name.as_str()))
        .collect();
    let lists = lists.iter().map(|address| Named {
        address,
        vendor: None,
        tags: &NO_TAGS,
    });
    let all: Vec<Named<'_>> = everything(project, known).into_iter().chain(lists).collect();
    let named = |names: &[String], flag: &str| meant(names, &all, flag, OTHERWISE);
    Ok(Choices {
        unseen,
        targets: named(&selection.targets, "--target")?,
        excludes: named(&selection.excludes, "--exclude")?,
        resume: named(&selection.resume, "--resume")?,
        advance: advance(desired, &all, &selection.advance)?,
        approved_before: selection.approved_before,
        whole_project: project.loaded.whole_project,
    })
}

/// The name under which stages are asked for where not all marketplaces are meant that field them together.
fn together(desired: &Desired, meant: &BTreeSet<&Address>) -> Option<Address> {
    let group = |one: &Address| one.group_name().unwrap_or(Study::ONLY).to_owned();
    let lot = meant
        .iter()
        .filter(|address| address.vendor().is_some())
        .find(|address| {
            let mut others = desired.surveys.iter().filter(|(other, survey)| {
                let alike = other.manifest() == address.manifest() && group(other) == group(address);
                other.vendor().is_some() && survey.ladder.is_some() && alike
            });
            others.any(|(other, _)| !meant.contains(other))
        })?;
    Some(match lot.group_name() {
        Some(Study::ONLY) | None => Address::survey(lot.manifest()),
        Some(_) => lot.alone(),
    })
}

/// The stages that somebody asks for, by what is fielded; a survey is meant with all of its groups.
fn advance(
    desired: &Desired,
    all: &[Named<'_>],
    asked: &[String],
) -> Result<BTreeMap<Address, String>, Stop> {
    let mut stages = BTreeMap::new();
    for words in asked {
        let Some((name, stage)) = words.rsplit_once('=') else {
            let stop = Stop::usage(format!("--advance: `{words}` names no stage"));
            return Err(stop.help("write the survey and the stage, such as `soda-tracker-w3=full`"));
        };
        let named = meant(&[name.to_owned()], all, "--advance", OTHERWISE)?;
        let is_named = |address: &Address| {
            let holder = address.parent();
            let ways = [Some(address.clone()), Some(address.alone()), holder.clone()];
            let ways = ways.into_iter().chain([holder.map(|holder| holder.alone())]);
            ways.flatten().any(|way| named.contains(&way))
        };
        let fielded = desired.surveys.iter().filter(|(address, _)| is_named(address));
        let ladders = fielded.filter_map(|(address, survey)| Some((address, survey.ladder.as_ref()?)));
        let ladders = ladders.filter(|(_, ladder)| ladder.is_staged());
        let ladders: Vec<_> = ladders.collect();
        let there = ladders.iter().filter(|(_, ladder)| ladder.place(stage).is_some());
        let meant: BTreeSet<&Address> = there.clone().map(|(address, _)| *address).collect();
        if let Some(together) = together(desired, &meant) {
            let stop = format!(
                "--advance: `{name}` is one of several marketplaces, and a stage is one of all of them"
            );
            return Err(
                Stop::usage(stop).help(format!("`--advance {together}={stage}` goes on at all of them"))
            );
        }
        let before = stages.len();
        stages.extend(there.map(|(address, _)| ((*address).clone(), stage.to_owned())));
        if stages.len() > before {
            continue;
        }
        let known = ladders.iter().flat_map(|(_, ladder)| &ladder.rungs);
        let known: BTreeSet<&str> = known.map(|rung| rung.name.as_str()).collect();
        let stop = Stop::usage(format!("--advance: `{name}` has no stage `{stage}`"));
        return Err(stop.help(suggest::help(stage, known.iter().copied(), || {
            match known.is_empty() {
                true => "its manifest has no `stages`".to_owned(),
                false => format!("it has {}", known.iter().copied().collect::<Vec<_>>().join(", ")),
            }
        })));
    }
    Ok(stages)
}
