//! The ways of saying a plan: JSON and its schema, text at any width, Markdown under any limit.

use crate::support::*;
use infield::apply::{Limit, Takes};
use infield::marketplace::PURESPECTRUM;
use infield::model::desired::{OnRemove, OnTemplateChange};
use infield::model::{Address, Field, GroupMember, LiveQuota, Status};
use infield::plan::{Guard, NoteKind, Plan, Rule};
use infield::report::{
    Made, PictureMark, PlanReport, Style, plan_html, plan_json, plan_markdown, plan_text, schemas,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A title with everything a terminal or a pull request might obey.
const HOSTILE: &str = "a|b `c` <b>d</b> @acme/all #12\r\n\u{1b}[31mred\u{7}\u{202e}desrever ";

/// A plan with every action and most kinds of notes.
fn everything() -> World {
    let mut world = World::new();
    world.templates(&[15, 16]);
    world.guard(Guard::Replace, Rule::Ask);
    world.want("created", soda());
    world.is_new("created");
    world.spec("created").title = Field::Set(HOSTILE.to_owned());
    world.fielded("updated", soda());
    world.collected("updated", 40, &[("men", 10)]);
    world.spec("updated").cpi = Field::Set("4.00 USD".parse().unwrap());
    world.seen("updated").spec.completes = Field::Set(500);
    world.quota("updated", "men").criteria = vec![sex("3")].into();
    let mut templated = soda();
    templated.template = Field::Set(15);
    world.fielded("replaced", templated);
    world.spec("replaced").template = Field::Set(16);
    world.manifest("replaced").policy.on_template_change = OnTemplateChange::Replace;
    world.fielded("resumed", soda());
    world.left_as("resumed", Status::Paused);
    world.fielded("paused", soda());
    world.spec("paused").status = Field::Set(Status::Paused);
    world.fielded("closed", soda());
    world.spec("closed").status = Field::Set(Status::Closed);
    world.fielded("forgotten", soda());
    world.remembered("forgotten").policy.on_remove = OnRemove::Forget;
    world.remove_manifest("forgotten");
    world.fielded("drifted", soda());
    world.at_vendor("drifted", Status::Paused);
    world.fielded("blocked", soda());
    world.spec("blocked").completes = Field::Set(10);
    world.collected("blocked", 40, &[]);
    world.fielded("as-wanted", soda());
    world.want_group(
        "pair",
        vec![
            GroupMember::Survey(Address::survey("created")),
            GroupMember::VendorId(9.into()),
        ],
    );
    world
}

fn small() -> World {
    let mut world = World::new();
    let mut spec = soda();
    spec.locale = Field::Absent;
    spec.qualifications = Field::Absent;
    spec.live_url = Field::Set("https://s.example/a".to_owned());
    spec.attributes.clear();
    spec.quotas = Field::Set(vec![quota("men", 200, vec![sex("1")])].into());
    spec.title = Field::Set(HOSTILE.to_owned());
    world.want("soda", spec);
    world.fielded("tea", soda());
    world.at_vendor("tea", Status::Paused);
    world
}

pub(crate) fn report(plan: &Plan) -> Value {
    serde_json::to_value(PlanReport::from(plan)).unwrap()
}

#[test]
fn the_machine_format_is_frozen() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.collected("soda", 120, &[("men", 80)]);
    world.seen("soda").quotas[0].completes = 300;
    world.spec("soda").test_url = Field::Set("https://s.example/t".to_owned());
    let mut spec = soda();
    spec.live_url = Field::Absent;
    world.fielded("tea", spec);
    world.at_vendor("tea", Status::Draft);
    let mut value = report(&world.plan());
    // The name covers every byte of the body, which other tests look at.
    assert_eq!(value["hash"], json!(infield::plan::hash::hash(&world.plan())));
    value["hash"] = json!("0000-0000-0000");
    value["name"] = json!("0000-0000");
    value["steps"][0]["calls"][0]["body"] = json!({});
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap(), @r#"
    {
      "format": "infield.plan/1",
      "environment": "sandbox",
      "hash": "0000-0000-0000",
      "name": "0000-0000",
      "summary": {
        "create": 0,
        "update": 1,
        "replace": 0,
        "launch": 0,
        "pause": 0,
        "close": 0,
        "forget": 0,
        "unchanged": 0,
        "calls": 1
      },
      "exposure": [
        {
          "currency": "USD",
          "before": "1050.00",
          "after": "1050.00",
          "change": "0.00",
          "under_way": "1050.00"
        }
      ],
      "steps": [
        {
          "id": "soda:update",
          "address": "soda",
          "vendor": "purespectrum",
          "action": "update",
          "reason": "changed outside infield since the last apply, and back as the manifest wants it",
          "changes": [
            {
              "path": "/test_url",
              "before": null,
              "after": "https://s.example/t"
            },
            {
              "path": "/quotas/men/completes",
              "before": 300,
              "after": 200,
              "remark": "80 collected, 120 still wanted",
              "drift": true
            }
          ],
          "calls": [
            {
              "method": "PUT",
              "path": "/surveys/1001",
              "body": {}
            }
          ],
          "depends_on": [],
          "guards": [],
          "money": {
            "currency": "USD",
            "before": "1050.00",
            "after": "1050.00",
            "change": "0.00",
            "under_way": "1050.00"
          }
        }
      ],
      "ceilings": {
        "soda": "1500.00 USD"
      },
      "notes": [
        {
          "address": "tea",
          "kind": "blocked",
          "message": "PureSpectrum cannot launch a survey without a live URL",
          "help": "set `live_url`"
        }
      ]
    }
    "#);
}

#[test]
fn every_plan_fits_the_schema() {
    let schema = plan_json::schema();
    let validator = jsonschema::draft202012::new(&schema).expect("the schema is one");
    let empty = World::new();
    let mut refused = everything();
    for guard in Guard::ALL {
        refused.guard(guard, Rule::Deny);
    }
    for world in [empty, small(), everything(), refused] {
        let value = report(&world.plan());
        let problems: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert_eq!(problems, Vec::<String>::new());
        let back: PlanReport = serde_json::from_value(value).unwrap();
        assert_eq!(
            back,
            PlanReport::from(&world.plan()),
            "reading it back loses nothing"
        );
    }
}

#[test]
fn what_is_not_a_plan_is_refused_at_its_place() {
    let schema = plan_json::schema();
    let validator = jsonschema::draft202012::new(&schema).expect("the schema is one");
    let good = report(&everything().plan());
    for (pointer, bad) in [
        ("/format", json!("infield.plan/2")),
        ("/hash", json!("oops")),
        ("/summary/create", json!(-1)),
        ("/exposure/0/change", json!(1500.0)),
        ("/steps/0/action", json!("delete")),
        ("/steps/0/guards/0", json!("luck")),
        ("/steps/0/calls/0/method", json!("post")),
        ("/notes/0/kind", json!("rumour")),
    ] {
        let mut value = good.clone();
        *value.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = bad;
        let places: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| error.instance_path().to_string())
            .collect();
        assert_eq!(places, [pointer]);
    }
}

#[test]
fn every_step_survives_a_file() {
    let plan = everything().plan();
    let lowers = |step: &infield::plan::Step| step.adds_exposure.is_some_and(|m| m.amount.is_sign_negative());
    assert!(plan.steps.iter().any(lowers));
    for step in plan.steps {
        let text = serde_json::to_string(&step).unwrap();
        let back: infield::plan::Step = serde_json::from_str(&text).unwrap();
        assert_eq!(back, step);
    }
}

#[test]
fn schemas_are_named_and_the_same_every_time() {
    let names: Vec<&str> = schemas().iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "plan.schema.json",
            "reconciliation-report.schema.json",
            "status.schema.json",
            "history.schema.json",
            "log.schema.json",
            "spend.schema.json",
            "blame.schema.json",
            "events.schema.json",
            "notification.schema.json",
            "diagnostics.schema.json",
            "doctor.schema.json",
            "state-list.schema.json",
            "lookup.schema.json",
            "test-report.schema.json",
            "feasibility.schema.json"
        ]
    );
    assert_eq!(schemas(), schemas());
}

#[test]
fn text_is_clean_at_every_width() {
    let plan = everything().plan();
    for width in [0, 20, 60, 100, 400] {
        for (show_calls, verbose) in [(false, false), (true, true)] {
            let style = Style {
                width,
                show_calls,
                verbose,
                ..Style::default()
            };
            let plain = plan_text::render(&plan, &style);
            for line in plain.lines() {
                assert_eq!(line.trim_end(), line, "no blank at the end");
                assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
            }
            let coloured = plan_text::render(
                &plan,
                &Style {
                    colour: true,
                    ..style
                },
            );
            assert_ne!(coloured, plain);
            assert_eq!(
                anstream::adapter::strip_str(&coloured).to_string(),
                plain,
                "colour carries nothing of its own"
            );
        }
    }
}

#[test]
fn text_names_every_step_in_the_order_of_the_plan() {
    let plan = everything().plan();
    let text = plan_text::render(
        &plan,
        &Style {
            show_calls: true,
            ..Style::default()
        },
    );
    let mut rest = text.as_str();
    // What is done to one resource stands together, where its first step does.
    let mut steps: Vec<_> = plan.steps.iter().collect();
    steps.sort_by_key(|step| plan.steps.iter().position(|first| first.address == step.address));
    for step in steps {
        for wanted in std::iter::once(format!(" {}: ", step.action)).chain(
            step.calls
                .iter()
                .map(|call| format!("{} {}", call.method, call.path)),
        ) {
            let at = rest
                .find(&wanted)
                .unwrap_or_else(|| panic!("{wanted} of {} is missing", step.id));
            rest = &rest[at + wanted.len()..];
        }
    }
}

#[test]
fn hostile_text_stays_text_and_allowed_guards_ask_for_nothing() {
    let plan = small().plan();
    let style = Style {
        width: 60,
        allowed: [Guard::Launch].into(),
        ..Style::default()
    };
    insta::assert_snapshot!(plan_text::render(&plan, &style), @r#"
    soda (PureSpectrum)
      + create: it is in the manifests and not at the vendor
          title                "a|b `c` <b>d</b> @acme/all
                               #12\r\n\u{1b}[31mred\u{7}\u{202e}desrever
                               "
          completes            400
          incidence_rate       50
          length_of_interview  5
          field_days           10
          cpi                  3.75 USD
          live_url             https://s.example/a
          quota  completes  who is counted
          men          200  9001: 1
      ▶ launch: the manifest wants it in field
          allowed in this environment: launch
          status  draft → live

    tea
      ! drift: wanted live, but survey 1001 was paused outside
          infield at 0 of 400 completes; it is not resumed
          unasked
          help: `infield apply --resume tea` puts it back in
                field; `status: paused` accepts it;
                `on_external_pause: resume` always resumes

    exposure  before    after    change
      USD       0.00  1500.00  +1500.00
      people still answering when a survey fills, stops or is
        edited may add up to 1500.00 USD

    Plan: 1 to create, 1 to launch, 1 unchanged; 2 calls.
    This plan is 4np4-2kx9. Apply exactly this with: infield apply --approve 4np4-2kx9-hfne-6d2q-jic8-cry5-g5m4
    "#);
}

#[test]
fn long_lists_show_what_comes_and_goes() {
    let mut world = World::new();
    let zips = |codes: std::ops::Range<u32>| infield::model::Criterion {
        question: "9003".to_owned(),
        unit: None,
        answers: infield::model::Answers::codes(codes.map(|code| format!("{code:05}"))),
    };
    let mut spec = draft();
    spec.qualifications = Field::Set(vec![zips(100..400)].into());
    world.fielded("soda", spec);
    world.spec("soda").qualifications = Field::Set(vec![zips(101..412)].into());
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      ~ update: the manifest differs from the vendor
          qualifications.9003  300 → 311 entries; adds 00400, 00401, 00402, 00403, 00404, 00405, 00406
                               and 5 more; drops 00100

    Plan: 1 to change; 1 call.
    ");
    let style = Style {
        verbose: true,
        ..Style::default()
    };
    let all = plan_text::render(&world.plan(), &style);
    let words: Vec<&str> = all.split_whitespace().collect();
    assert!(words.join(" ").contains("00399, 00400, 00401"));
}

#[test]
fn the_same_note_about_many_is_told_once() {
    let mut world = World::new();
    for number in 0..25 {
        let name = format!("s{number:02}");
        let mut spec = draft();
        spec.quotas = Field::Absent;
        world.fielded(&name, spec);
        world.seen(&name).quotas.push(LiveQuota {
            name: Some("by-hand".to_owned()),
            id: "x".to_owned(),
            completes: 10,
            fielded: Some(0),
            criteria: vec![].into(),
            nameless: false,
            hidden: false,
        });
    }
    insta::assert_snapshot!(world.text(), @r"
    the same about 25 surveys
      · unmanaged: 1 quota from a template or made by hand is left alone: by-hand (10 completes)
          s00, s01, s02 and 22 more (all of them with --verbose)

    Nothing to do: everything is as wanted (25 unchanged).
    ");
    let style = Style {
        verbose: true,
        ..Style::default()
    };
    let all = plan_text::render(&world.plan(), &style);
    assert_eq!(all.matches("by-hand (10 completes)").count(), 25);
    assert_eq!(world.plan().notes[0].kind, NoteKind::Unmanaged);
}

#[test]
fn markdown_for_a_pull_request() {
    insta::assert_snapshot!(plan_markdown::render(&small().plan(), &Style::default()), @r#"
    <!-- infield:plan sandbox 4np4-2kx9-hfne-6d2q-jic8-cry5-g5m4 -->
    ### infield plan for `sandbox`: 1 to create, 1 to launch, exposure +1500.00 USD

    Needs approval: **launch** (1 survey)

    | exposure | before | after | change |
    |---|--:|--:|--:|
    | USD | 0.00 | 1500.00 | +1500.00 |

    people still answering when a survey fills, stops or is edited may add up to 1500.00 USD

    | survey | action | CPI | exposure | needs approval |
    |---|---|--:|--:|---|
    | `soda` | + create, ▶ launch | 3.75 USD | +1500.00 USD | **launch** |

    #### Notes

    - **drift** `tea`: wanted live, but survey 1001 was paused outside infield at 0 of 400 completes; it is not resumed unasked _Help:_ `infield apply --resume tea` puts it back in field; `status: paused` accepts it; `on_external_pause: resume` always resumes

    <details><summary><code>soda</code>: create, launch</summary>

    **create**: it is in the manifests and not at the vendor

    | field | before | after | |
    |---|---|---|---|
    | `title` |  | "a\|b \`c\` &lt;b&gt;d&lt;/b&gt; @&#8203;acme/all #&#8203;12\\r\\n\\u{1b}\[31mred\\u{7}\\u{202e}desrever " |  |
    | `completes` |  | 400 |  |
    | `incidence_rate` |  | 50 |  |
    | `length_of_interview` |  | 5 |  |
    | `field_days` |  | 10 |  |
    | `cpi` |  | 3.75 USD |  |
    | `live_url` |  | https://s.example/a |  |
    | `quotas.men.completes` |  | 200 |  |
    | `quotas.men.where` |  | 9001: 1 |  |

    **launch**: the manifest wants it in field (needs approval: **launch**)

    | field | before | after | |
    |---|---|---|---|
    | `status` | draft | live |  |

    </details>

    Plan **4np4-2kx9**: 2 calls, 1 unchanged. Apply exactly this with `infield apply --approve 4np4-2kx9-hfne-6d2q-jic8-cry5-g5m4`.
    "#);
}

#[test]
fn a_plan_that_takes_long_says_how_long_and_keeps_its_name() {
    let plan = small().plan();
    let said = |seconds, limit| {
        let takes = Takes {
            vendor: PURESPECTRUM,
            calls: 400,
            seconds,
            limit,
        };
        Style {
            takes: Some(takes),
            ..Style::default()
        }
    };
    let sentence =
        "Applying it takes about 80 s: 400 calls at PureSpectrum, read-backs included, at 5 a second.";
    let style = said(78, Limit::ASecond(5));
    let (text, short) = (
        plan_text::render(&plan, &style),
        plan_text::render(&plan, &Style::default()),
    );
    assert!(text.lines().any(|line| line == sentence), "{text}");
    assert_eq!(
        text.replace(&format!("{sentence}\n"), ""),
        short,
        "nothing else is said"
    );
    assert!(plan_markdown::render(&plan, &style).contains(&format!("unchanged. {sentence} Apply exactly")));
    assert!(plan_html::render(&plan, &style).contains(&format!("unchanged. {sentence} Apply exactly")));
    for (seconds, words) in [(90, "2 min"), (5399, "90 min"), (5400, "2 h"), (11, "15 s")] {
        let text = plan_text::render(&plan, &said(seconds, Limit::AtOnce(2)));
        let sentence =
            format!("takes about {words}: 400 calls at PureSpectrum, read-backs included, 2 at once.");
        assert!(text.contains(&sentence), "{text}");
    }
    let report = PlanReport::from(&plan);
    let timed = report.clone().with_time(style.takes.as_ref());
    assert_eq!(timed.hash, report.hash);
    assert_eq!(
        serde_json::to_value(timed.takes).unwrap(),
        json!({"vendor": "purespectrum", "calls": 400, "seconds": 78, "a_second": 5})
    );
    assert_eq!(report.takes, None);
}

#[test]
fn markdown_of_every_kind_of_step() {
    let text = plan_markdown::render(&everything().plan(), &Style::default());
    let until_details = text.split("<details>").next().unwrap();
    insta::assert_snapshot!(until_details, @r"
    <!-- infield:plan sandbox 7r5e-vn6y-vr3r-tn85-f26y-xg76-tdjg -->
    ### infield plan for `sandbox`: 2 to create, 1 to change, 1 to replace, 3 to launch, 1 to pause, 1 to close, 1 to forget, 1 held back, exposure -285.00 USD

    Needs approval: **launch** (3 surveys), **close** (1 survey), **remove** (1 survey), **replace** (1 survey), **edit-live-targeting** (1 survey)

    | exposure | before | after | change |
    |---|--:|--:|--:|
    | USD | 10575.00 | 10290.00 | -285.00 |

    people still answering when a survey fills, stops or is edited may add up to 22970.00 USD

    | survey | action | CPI | exposure | needs approval |
    |---|---|--:|--:|---|
    | `closed` | × close | 3.75 USD | -1500.00 USD | **close** |
    | `created` | + create, ▶ launch | 3.75 USD | +1500.00 USD | **launch** |
    | `paused` | ‖ pause | 3.75 USD | -1500.00 USD |  |
    | `replaced` | ± replace, × close, ▶ launch | 3.75 USD | 0.00 USD | **launch**, **replace** |
    | `resumed` | ▶ resume | 3.75 USD | +1500.00 USD | **launch** |
    | `updated` | ~ update | 3.75 USD → 4.00 USD | -285.00 USD | **edit-live-targeting** |
    | `pair` | + create |  |  |  |
    | `forgotten` | - forget |  |  | **remove** |

    #### Notes

    - **refused** `blocked`: /completes cannot go to 10: 40 completes are collected already _Help:_ 40 is the lowest value; it closes it now
    - **drift** `drifted`: wanted live, but survey 1007 was paused outside infield at 0 of 400 completes; it is not resumed unasked _Help:_ `infield apply --resume drifted` puts it back in field; `status: paused` accepts it; `on_external_pause: resume` always resumes
    ");
}

#[test]
fn markdown_of_nothing_is_short() {
    insta::assert_snapshot!(plan_markdown::render(&World::new().plan(), &Style::default()), @r"
    <!-- infield:plan sandbox 8ubw-me5y-p44n-jwwi-c3gc-pyik-axds -->
    ### infield plan for `sandbox`: nothing to do
    ");
    assert_eq!(
        plan_markdown::marker(None, "pro--duction --> x", &[]),
        "<!-- infield:plan pro-_duction_-___x -->"
    );
    // Project and environment are one word, which nothing in a name ends.
    assert_eq!(
        plan_markdown::marker(Some("brand one/--> x"), "production", &["k7m2"]),
        "<!-- infield:plan brand_one_-___x/production k7m2 -->"
    );
    let style = Style {
        project: Some("brand`s".to_owned()),
        ..Style::default()
    };
    let named = plan_markdown::render(&World::new().plan(), &style);
    let head = "### infield plan for <code>brand\\`s</code> in `sandbox`: nothing to do\n";
    assert!(
        named.starts_with("<!-- infield:plan brand_s/sandbox ") && named.contains(head),
        "{named}"
    );
}

#[test]
fn markdown_is_cut_between_surveys_and_says_so() {
    let mut world = World::new();
    for number in 0..600 {
        world.want(&format!("survey-{number:04}"), soda());
        world.fielded(&format!("other-{number:04}"), soda());
        world.at_vendor(&format!("other-{number:04}"), Status::Paused);
    }
    let text = plan_markdown::render(&world.plan(), &Style::default());
    assert!(text.chars().count() <= plan_markdown::LIMIT);
    assert!(
        text.chars().count() > plan_markdown::LIMIT / 2,
        "the room is used"
    );
    assert_eq!(
        text.matches("<details>").count(),
        text.matches("</details>").count(),
        "no section is cut in two"
    );
    let shown = text.matches("\n| `survey-").count();
    assert!(text.contains(&format!(
        "{} surveys of this plan are not in the table",
        600 - shown
    )));
    let opened = text.matches("<details>").count();
    assert!(text.contains(&format!("the details of {} surveys do not fit", 600 - opened)));
    let noted = text.matches("\n- **drift**").count();
    assert!(text.contains(&format!("{} notes are left out", 600 - noted)));
    assert!(shown > 100 && opened > 5 && noted > 20);
}

/// Opening and closing tags, in order; elements that have no end are left out.
fn tags(page: &str) -> Vec<String> {
    let body = page.split("</style>").nth(1).unwrap();
    let tags = body
        .split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap());
    tags.filter(|tag| !tag.ends_with('/') && *tag != "br")
        .map(|tag| tag.split_whitespace().next().unwrap().to_owned())
        .collect()
}

#[test]
fn a_page_is_whole_and_loads_nothing() {
    let style = Style {
        show_calls: true,
        ..Style::default()
    };
    let page = plan_html::render(&everything().plan(), &style);
    let mut open = vec!["html", "head"];
    let tags = tags(&page);
    for tag in &tags {
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{tags:?}"),
            None => open.push(tag),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let body = page.split("</style>").nth(1).unwrap();
    for tag in body
        .split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap())
    {
        let name = tag.split_whitespace().next().unwrap();
        assert!(
            !["script", "link", "img", "iframe", "style", "object"].contains(&name),
            "{tag}"
        );
        for (name, value) in tag
            .split_whitespace()
            .skip(1)
            .filter_map(|part| part.split_once('='))
        {
            assert!(
                name != "src" && name != "style" && !name.starts_with("on"),
                "{tag}"
            );
            assert!(!value.contains("//"), "{tag}");
        }
    }
    let css = page
        .split("<style>")
        .nth(1)
        .unwrap()
        .split("</style>")
        .next()
        .unwrap();
    assert!(!css.contains("url(") && !css.contains("@import"), "{css}");
    for target in page
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        let id = target
            .strip_prefix('#')
            .unwrap_or_else(|| panic!("{target} leads out of the page"));
        assert!(page.contains(&format!("id=\"{id}\"")), "{target} leads nowhere");
    }
    for step in &everything().plan().steps {
        assert!(
            page.contains(&format!("<code>{}</code>: ", step.address)),
            "{}",
            step.id
        );
    }
    assert!(
        page.contains("a|b `c` &lt;b&gt;d&lt;/b&gt; @acme/all #12\\r\\n\\u{1b}[31mred"),
        "text stays text"
    );
}

#[test]
fn a_page_draws_quotas_before_and_after() {
    let mut world = World::new();
    let mut spec = soda();
    spec.quotas = Field::Set(
        vec![
            quota("men", 200, vec![sex("1")]),
            quota("women", 100, vec![sex("2")]),
        ]
        .into(),
    );
    world.fielded("soda", spec);
    world.quota("soda", "men").completes = 400;
    let page = plan_html::render(&world.plan(), &Style::default());
    let row = |name: &str| {
        let rest = page
            .split(&format!("<tr><th scope=\"row\"><bdi>{name}</bdi>"))
            .nth(1)
            .unwrap();
        rest.split("</tr>").next().unwrap().to_owned()
    };
    let men = row("men");
    assert!(
        men.contains("<td class=\"n\">200</td><td class=\"n more\">400</td>"),
        "{men}"
    );
    assert!(
        men.contains("width=\"500\"") && men.contains("width=\"1000\""),
        "{men}"
    );
    let women = row("women");
    assert!(
        women.contains("<td class=\"n\">100</td><td class=\"n\">100</td>"),
        "{women}"
    );
    assert_eq!(women.matches("width=\"250\"").count(), 2, "{women}");
}

#[test]
fn a_page_says_who_a_quota_counts_and_what_is_paid() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.collected("soda", 40, &[("men", 30)]);
    world.quota("soda", "men").completes = 30;
    world.quota("soda", "men").criteria = vec![sex("3")].into();
    let mut spec = soda();
    spec.quotas = Field::Set(vec![quota("everybody", 10, vec![])].into());
    world.want("tea", spec);
    let page = plan_html::render(&world.plan(), &Style::default());
    for part in [
        "<br><span class=\"soft remark\">(30 collected: closes it now)</span>",
        "<bdi>9001: 1</bdi> → <bdi>9001: 3</bdi>",
        "<td><bdi>everybody</bdi></td>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("quotas."), "a quota is told in its own table only");
}

#[test]
fn a_page_stays_small_whatever_the_plan_and_says_what_it_leaves_out() {
    const SURVEYS: usize = 600;
    let mut world = World::new();
    let mut spec = soda();
    let quotas = (0..30).map(|n| quota(&format!("q-{n}"), 10, vec![sex("1")]));
    spec.quotas = Field::Set(quotas.collect());
    world.want("soda", spec);
    let one = world.plan();
    let mut plan = one.clone();
    plan.steps.clear();
    for number in 0..SURVEYS {
        for step in &one.steps {
            let mut step = step.clone();
            step.address = Address::survey(format!("wave-{number:04}"));
            step.adds_exposure = Some(format!("{number}.00 USD").parse().unwrap());
            plan.steps.push(step);
        }
    }
    let page = plan_html::render(&plan, &Style::default());
    assert!(page.len() < 3_500_000, "{}", page.len());
    let behind = |mark: &str| -> BTreeSet<usize> {
        let all = page.split(mark).skip(1);
        all.map(|rest| rest.split(['"', '<']).next().unwrap().parse().unwrap())
            .collect()
    };
    let details = behind("<details id=\"s");
    let shown = details.len();
    assert!(shown > 50 && shown < SURVEYS, "{shown}");
    assert_eq!(details, (SURVEYS - shown..SURVEYS).collect(), "the largest");
    assert_eq!(behind("href=\"#s"), details, "nothing leads nowhere");
    let names = (0..SURVEYS).filter(|number| page.contains(&format!("wave-{number:04}<")));
    assert_eq!(names.count(), SURVEYS, "every survey has its row");
    let left_out = SURVEYS - shown;
    assert!(
        page.contains(&format!("{left_out} more surveys: this page has the details")),
        "{left_out}"
    );
}

#[test]
fn every_view_says_that_it_was_made_from_a_picture() {
    let style = Style {
        picture: Some(PictureMark {
            taken: "2026-11-24T08:00:00Z".to_owned(),
            age_seconds: 7_300,
            redacted: true,
            presumed: true,
        }),
        ..Style::default()
    };
    let plan = small().plan();
    for view in [
        plan_text::render(&plan, &style),
        plan_markdown::render(&plan, &style),
        plan_html::render(&plan, &style),
    ] {
        let flat = view.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "taken 2026-11-24T08:00:00Z, 2 hours old",
            "No vendor was asked",
            "has another name",
        ] {
            assert!(flat.contains(part), "{part}: {flat}");
        }
    }
    let json = serde_json::to_value(PlanReport::from(&plan).with_picture(style.picture.as_ref())).unwrap();
    assert_eq!(
        json["picture"],
        json!({"taken": "2026-11-24T08:00:00Z", "age_seconds": 7300, "redacted": true, "presumed": true})
    );
    let validator = jsonschema::draft202012::new(&plan_json::schema()).unwrap();
    assert!(validator.is_valid(&json));
}

#[test]
fn what_changes_inside_a_long_value_is_told_once_and_marked() {
    let mut world = World::new();
    let zips = |codes: std::ops::Range<u32>| infield::model::Criterion {
        question: "9003".to_owned(),
        unit: None,
        answers: infield::model::Answers::codes(codes.map(|code| format!("{code:05}"))),
    };
    let mut spec = draft();
    spec.title = Field::Set("Soda tracker of the north, wave *3*, for people who drink it daily".to_owned());
    spec.live_url =
        Field::Set("https://s.example/soda?wave=3&source=infield&country=us&tk=[%%token%%]".to_owned());
    spec.qualifications = Field::Set(vec![zips(100..120)].into());
    spec.quotas = Field::Set(vec![quota("near", 200, vec![zips(100..120)])].into());
    world.fielded("soda", spec);
    let spec = world.spec("soda");
    spec.title = Field::Set("Soda tracker of the north, wave *4*, for people who drink it".to_owned());
    spec.live_url =
        Field::Set("https://s.example/soda?wave=4&source=infield&country=us&tk=[%%token%%]".to_owned());
    spec.qualifications = Field::Set(vec![zips(102..121)].into());
    spec.cpi = Field::Set("4.00 USD".parse().unwrap());
    world.quota("soda", "near").criteria = vec![zips(102..121)].into();
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      ~ update: the manifest differs from the vendor
          title                Soda tracker of the north, wave *[-3-]{+4+}*, for people who drink it[-
                               daily-]
          cpi                  3.75 USD → 4.00 USD
          live_url             https://s.example/soda?wave=[-3-]{+4+}&source=infield&country=us&tk=[%%token%%]
          qualifications.9003  20 → 19 entries; adds 00120; drops 00100, 00101
          quota  completes  who is counted
          near              9003: 20 → 19 entries; adds 00120; drops 00100, 00101

    Plan: 1 to change; 1 call.
    ");
    let markdown = plan_markdown::render(&world.plan(), &Style::default());
    let details = markdown.split("</summary>").nth(1).unwrap();
    insta::assert_snapshot!(details.split("</details>").next().unwrap(), @r"
    **update**: the manifest differs from the vendor

    | field | before | after | |
    |---|---|---|---|
    | `cpi` | 3.75 USD | 4.00 USD |  |

    - `title`: Soda tracker of the north, wave \*<del>3</del><ins>4</ins>\*, for people who drink it<del> daily</del>
    - `live_url`: https://s.example/soda?wave=<del>3</del><ins>4</ins>&amp;source=infield&amp;country=us&amp;tk=\[%%token%%\]
    - `qualifications.9003`: 20 → 19 entries; adds 00120; drops 00100, 00101
    - `quotas.near.where`: 9003: 20 → 19 entries; adds 00120; drops 00100, 00101
    ");
    let json = report(&world.plan()).to_string();
    assert!(
        json.contains("wave *3*") && json.contains("wave *4*"),
        "machines get both values"
    );
}

#[test]
fn a_page_has_the_largest_money_first_and_folds_what_is_alike() {
    let mut world = World::new();
    world.want("soda", soda());
    let one = world.plan();
    let mut plan = one.clone();
    plan.steps.clear();
    let mut add = |name: &str, amount: &str| {
        for (index, step) in one.steps.iter().enumerate() {
            let mut step = step.clone();
            step.address = Address::survey(name);
            step.adds_exposure = (index == 0).then(|| amount.parse().unwrap());
            plan.steps.push(step);
        }
    };
    add("small", "7.00 USD");
    for number in 0..6 {
        add(&format!("wave-{number}"), "20.00 USD");
    }
    add("large", "1234567.50 USD");
    let page = plan_html::render(&plan, &Style::default());
    let table = page
        .split("id=\"surveys\"")
        .nth(1)
        .unwrap()
        .split("</table>")
        .next()
        .unwrap();
    let place = |text: &str| table.find(text).unwrap_or_else(|| panic!("no {text} in {table}"));
    assert!(place(">large<") < place("6 surveys alike") && place("6 surveys alike") < place(">small<"));
    assert!(table.contains("+1,234,567.50 USD"), "{table}");
    for number in 0..6 {
        assert!(
            table.contains(&format!(">wave-{number}<")),
            "each is named: {table}"
        );
    }
    assert_eq!(table.matches("<tr>").count(), 4, "heads and three rows: {table}");
    assert!(page.contains("td class=\"n dearer\""), "{page}");
}

#[test]
fn a_page_of_ten_thousand_creates_shows_the_largest_and_folds_the_rest_and_still_opens() {
    const SURVEYS: usize = 10_000;
    let mut world = World::new();
    world.want("soda", soda());
    let one = world.plan();
    let mut plan = one.clone();
    plan.steps.clear();
    for number in 0..SURVEYS {
        for step in one.steps.iter().take(1) {
            let mut step = step.clone();
            step.address = Address::survey(format!("a-tracker-with-quite-a-name-{number:05}"));
            step.adds_exposure = Some(format!("{number}.50 USD").parse().unwrap());
            plan.steps.push(step);
        }
    }
    let page = plan_html::render(&plan, &Style::default());
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    let (seen, folded) = page.split_once("<details id=\"more\">").unwrap();
    assert!(seen.contains("-09999<") && seen.contains("-09900<") && !seen.contains("-09899<"));
    assert!(
        folded.starts_with("<summary>9900 more surveys"),
        "{}",
        &folded[..80]
    );
    let named = folded.split("-name-").skip(1);
    let named: BTreeSet<usize> = named.map(|rest| rest[..5].parse().unwrap()).collect();
    assert!(
        (0..9_900).all(|number| named.contains(&number)),
        "every survey is named"
    );
}

#[test]
fn a_page_says_on_top_which_plan_it_is_and_when_and_from_which_commit_it_was_made() {
    let mut world = World::new();
    world.want("soda", soda());
    let plan = world.plan();
    let style = Style {
        made: Some(Made {
            at: "2026-11-29T14:48:03Z".parse().unwrap(),
            commit: Some("0123456789abcdef<b>".to_owned()),
        }),
        ..Style::default()
    };
    let page = plan_html::render(&plan, &style);
    let top = page.split("</header>").next().unwrap();
    let name = infield::plan::hash::hash(&plan);
    assert!(
        top.contains(&format!("Plan <strong>{}</strong>: ", &name[..9])),
        "{top}"
    );
    assert!(
        top.contains("made 2026-11-29 14:48 UTC from commit <code>0123456789ab</code>"),
        "{top}"
    );
}
