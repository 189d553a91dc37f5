//! The template rule: a template is applied once, when the survey is created, and never again.

use super::drafted::refused;
use super::note::{Note, NoteKind};
use super::planner::Planner;
use crate::model::desired::OnTemplateChange;
use crate::model::{Field, FieldName, KnownSurvey, LiveSurvey, Reading};

/// Whether the template of a new survey is there to be used. `None` is good news.
///
/// Predicts, before anything is written, what the vendor would answer: PureSpectrum 1018 for an account without the
/// feature, 1006 for a template that is not accessible.
pub(super) fn check_available(survey: &Planner<'_>) -> Option<Note> {
    let template = *survey.desired.spec.template.value()?;
    let vendor = survey.desired.vendor;
    let blocked = |message: String| survey.blocked(message).at(path(survey));
    let unread = match survey.inputs.live.templates.get(&vendor) {
        Some(Reading::Present(templates)) if templates.iter().any(|t| t.id == template) => return None,
        Some(Reading::Present(templates)) => {
            let mut refusal = survey.market.template_missing(template);
            let known = templates.iter().map(|t| format!("{} ({})", t.id, t.name));
            let known: Vec<String> = known.collect();
            if !known.is_empty() {
                refusal.help = Some(format!("the account can use {}", known.join(", ")));
            }
            return Some(refused(survey.address, NoteKind::Blocked, refusal).at(path(survey)));
        }
        Some(Reading::Absent { proof }) => {
            return Some(blocked(format!("template {template} cannot be used: {proof}")));
        }
        Some(Reading::Unknown { why }) => format!("could not be read: {why}"),
        None => "was not asked".to_owned(),
    };
    let message = format!("whether template {template} can be used {unread}");
    Some(blocked(message))
}

fn path(survey: &Planner<'_>) -> String {
    FieldName::Template.path(survey.desired.vendor)
}

/// What the template of an existing survey means for the manifest.
pub(super) enum Verdict {
    /// Go on; perhaps with a note.
    Same(Option<Note>),
    /// The manifest names a template that cannot be applied any more: nothing but a pause is done.
    Conflict(Note),
    /// It cannot be applied either, and the manifest asks for a new survey.
    Replace,
}

/// Compares the wanted template with the one the survey was made from.
pub(super) fn check_unchanged(survey: &Planner<'_>, known: &KnownSurvey, live: &LiveSurvey) -> Verdict {
    // The vendor's word goes first; our memory only where the vendor does not show the field.
    let has = match &live.spec.template {
        Field::Absent => known.applied.template.value(),
        shown => shown.value(),
    };
    match (survey.desired.spec.template.value(), has) {
        (Some(wanted), Some(has)) if wanted == has => Verdict::Same(None),
        (None, None) => Verdict::Same(None),
        (None, Some(has)) => Verdict::Same(Some(
            Note::advice(survey.address, format!("template {has} was applied at creation; leaving template_id out changes nothing at the vendor"),
            )
            .at(path(survey)),
        )),
        (Some(_), has) => match survey.desired.policy.on_template_change {
            OnTemplateChange::Replace => Verdict::Replace,
            OnTemplateChange::Refuse => {
                let refusal = survey.market.template_rule(has.copied());
                let keep = has.map_or_else(|| "leave `template_id` out".to_owned(), |id| format!("keep `template_id: {id}`"));
                let mut note = refused(survey.address, NoteKind::Blocked, refusal).at(path(survey));
                note.help = Some(format!(
                    "{keep}, or set `on_template_change: replace` to create a new survey and close this one"
                ));
                Verdict::Conflict(note)
            }
        },
    }
}
