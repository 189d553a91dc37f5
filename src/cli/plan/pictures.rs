//! Pictures on the command line: taking one beside a plan, and planning from one.

use super::{Made, PlanArgs, write_whole};
use crate::cli::project::Opened;
use crate::cli::ui::{Stop, Ui};
use crate::flow::{OrFail as _, Selection, selection};
use crate::model::VendorId;
use crate::picture::redact::{self, redact};
use crate::picture::{self, Picture, Recorder};
use crate::plan::GuardRules;
use crate::recover::Recovery;
use crate::refresh::Readers;
use crate::report::PictureMark;
use crate::state::Document;
use crate::workflow::{self, Request};
use camino::Utf8Path;
use std::collections::BTreeMap;

/// The readers, with a recorder before each.
pub(super) fn recorders(readers: &Readers) -> BTreeMap<VendorId, Recorder> {
    let readers = readers.iter();
    readers
        .map(|(vendor, reader)| (*vendor, Recorder::new(reader.clone())))
        .collect()
}

/// Completes a picture and writes it.
pub(super) async fn keep(
    file: &Utf8Path,
    ui: &Ui,
    opened: &Opened,
    state: &Document,
    taken: String,
    recoveries: &[Recovery],
    recorders: BTreeMap<VendorId, Recorder>,
) -> Result<(), Stop> {
    let desired = &opened.loaded.desired;
    let known = state.known();
    let mut vendors = BTreeMap::new();
    for (vendor, recorder) in recorders {
        recorder.complete(vendor, desired, &known).await;
        vendors.insert(vendor, recorder.into_seen());
    }
    let mut picture = Picture {
        format: picture::FORMAT.to_owned(),
        taken,
        environment: opened.environment.clone(),
        lineage: state.lineage.clone(),
        serial: state.serial,
        known,
        recoveries: recoveries.to_vec(),
        vendors,
    };
    redact(&mut picture, &redact::texts(desired), &opened.process.secrets())
        .map_err(|leak| Stop::failed(format!("{file} was not written: {leak}")))?;
    write_whole(file, &picture.to_bytes())?;
    ui.status(&format!(
        "kept a picture in {file}; `infield plan --from {file}` plans without credentials"
    ));
    Ok(())
}

/// Plans from a picture. Asks nobody, and reads no state and no secret.
pub(super) async fn plan(
    args: &PlanArgs,
    ui: &Ui,
    opened: &Opened,
    guards: &GuardRules,
    file: &Utf8Path,
) -> Result<Made, Stop> {
    let bytes = std::fs::read(file).or_fail(format_args!("{file} cannot be read"))?;
    let mut picture = Picture::parse(&bytes).map_err(|e| {
        Stop::failed(format!("{file} cannot be used: {e}")).help("take one with `infield plan --record FILE`")
    })?;
    if picture.environment != opened.environment {
        let shown = &picture.environment;
        return Err(Stop::failed(format!(
            "{file} shows the environment `{shown}`, and this plan is for `{}`",
            opened.environment
        ))
        .help(format!("--env {shown}")));
    }
    redact::restore(&mut picture, &redact::texts(&opened.loaded.desired));
    let looks = picture.replay();
    let markets = opened.markets()?;
    let (known, recoveries) = (&picture.known, &picture.recoveries);
    let selection = Selection::from(&args.selection);
    let choices = selection::choose(opened, known, &selection)?;
    let rules = opened.own_rules();
    let request = Request {
        own_rules: Some(&rules),
        ..selection::request(opened, &looks, &markets, guards, &choices, opened.process.now())
    };
    let mut planned = workflow::make_plan(&request, known, recoveries).await?;
    opened.remark(&mut planned.plan);
    let mark = PictureMark {
        taken: picture.taken.clone(),
        age_seconds: picture.age_seconds(opened.process.now()),
        redacted: redact::is_part_of(&planned.plan),
        presumed: looks.values().any(picture::Replay::presumed),
    };
    let lists = opened.loaded.reconciliations.len();
    if lists > 0 {
        ui.status(&format!(
            "a picture shows surveys only: {lists} list{} of outcomes not planned",
            if lists == 1 { " is" } else { "s are" }
        ));
    }
    Ok(Made {
        planned,
        lists: (Vec::new(), None),
        state: None,
        estimates: Vec::new(),
        picture: Some(mark),
        look: None,
    })
}
