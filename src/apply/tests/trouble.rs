//! What a failed call means, and what is said to do about it.

use super::support::{World, known, refused, step, write};
use crate::apply::failure::{Failure, explain};
use crate::marketplace::VendorError;
use crate::marketplace::http::scripted::Answer;
use crate::model::{Call, CallClass, KnownSurvey, Method};
use crate::plan::{Action, Step};
use crate::state::StateError;

/// How a call ends: the problem and the help.
async fn ends<const N: usize>(call: Call, answers: [Answer; N]) -> (String, String) {
    let world = World::knowing([("soda", known("7", KnownSurvey::default()))]).await;
    world.vendor(answers.map(|answer| ("POST /surveys/7/quotas", answer)));
    let update = Step {
        calls: vec![call],
        ..step("soda", Action::Update)
    };
    let tally = world.apply([update]).await;
    assert_eq!((tally.failed, tally.unknown), (1, 0));
    let (problem, help, unknown) = world.failure();
    assert!(!unknown);
    (problem, help)
}

fn add_quota() -> Call {
    Call {
        class: CallClass::Create,
        ..write(Method::Post, "/surveys/{soda}/quotas")
    }
}

/// A quota is known by its name: the next plan sees whether it is there.
#[tokio::test(start_paused = true)]
async fn an_addition_without_an_answer_is_left_to_the_next_plan() {
    let (problem, help) = ends(add_quota(), [Answer::lost()]).await;
    assert_eq!(
        problem,
        "POST /surveys/7/quotas: no answer from PureSpectrum: the connection broke"
    );
    assert_eq!(
        help,
        "whether it was carried out is not known; the next plan looks and shows what is left to do"
    );
}

#[tokio::test(start_paused = true)]
async fn an_addition_that_is_refused_was_not_made() {
    let (problem, _) = ends(add_quota(), [refused(422)]).await;
    assert_eq!(
        problem,
        "POST /surveys/7/quotas: PureSpectrum refuses (422, code 7): no"
    );
    let (problem, help) = ends(add_quota(), [refused(412)]).await;
    assert!(
        problem.contains("status 412, which does not say whether anything was made"),
        "{problem}"
    );
    assert!(
        help.starts_with("whether it was carried out is not known"),
        "{help}"
    );
    let repeatable = write(Method::Post, "/surveys/{soda}/quotas");
    let (problem, help) = ends(repeatable, [refused(412)]).await;
    assert_eq!(
        problem,
        "POST /surveys/7/quotas: PureSpectrum refuses (412, code 7): no"
    );
    assert!(help.starts_with("it has changed since it was read"), "{help}");
    let (problem, help) = ends(add_quota(), [Answer::not_sent(), Answer::not_sent()]).await;
    assert_eq!(
        problem,
        "POST /surveys/7/quotas: PureSpectrum could not be reached: the connection was refused"
    );
    assert!(help.starts_with("nothing was sent"), "{help}");
}

#[tokio::test(start_paused = true)]
async fn a_write_without_an_answer_is_shown_by_the_next_plan() {
    let repeatable = write(Method::Post, "/surveys/{soda}/quotas");
    let (problem, help) = ends(repeatable, [Answer::lost(), Answer::lost()]).await;
    assert!(
        problem.starts_with("POST /surveys/7/quotas: no answer"),
        "{problem}"
    );
    assert_eq!(
        help,
        "run `infield plan`: it reads what is in effect and shows what is left to do"
    );
}

#[test]
fn every_trouble_with_a_way_out_names_it() {
    let refused = |status: u16, code: Option<i64>| VendorError::Refused {
        vendor: "Vendor",
        status,
        code,
        message: "no".to_owned(),
    };
    let text = String::new;
    let credentials = VendorError::Credentials {
        vendor: "Vendor",
        status: 401,
        message: text(),
    };
    let server = VendorError::Server {
        vendor: "Vendor",
        status: 500,
        message: text(),
    };
    let undecodable = VendorError::Undecodable {
        vendor: "Vendor",
        path: text(),
        problem: text(),
        excerpt: text(),
    };
    for (error, words) in [
        (credentials, "check the Vendor token"),
        (VendorError::RateLimited("Vendor"), "`requests_per_second`"),
        (VendorError::Unreachable("Vendor", text()), "nothing was sent"),
        (
            VendorError::OutcomeUnknown("Vendor", text()),
            "what is left to do",
        ),
        (server, "what is left to do"),
        (undecodable, "what is left to do"),
        (refused(400, Some(1014)), "template rule"),
        (refused(400, Some(1018)), "template rule"),
        (refused(400, Some(1006)), "template rule"),
        (refused(412, None), "it has changed since it was read"),
    ] {
        let help = explain(crate::marketplace::PURESPECTRUM, &error).unwrap();
        assert!(help.contains(words), "{error}: {help}");
    }
    assert_eq!(
        explain(crate::marketplace::PURESPECTRUM, &refused(412, Some(1014))),
        explain(crate::marketplace::PURESPECTRUM, &refused(400, Some(1014)))
    );
    assert_eq!(
        explain(crate::marketplace::PURESPECTRUM, &refused(400, Some(7))),
        None
    );
    assert_eq!(
        explain(crate::marketplace::PURESPECTRUM, &refused(404, None)),
        None
    );
}

#[test]
fn a_state_that_was_changed_meanwhile_says_what_to_do() {
    let failure = Failure::from(StateError::Moved {
        place: "memory".to_owned(),
    });
    assert_eq!(failure.help.as_deref(), Some("run the command again"));
    assert!(failure.problem.contains("was changed by somebody else"));
    assert!(!failure.unknown);
}
