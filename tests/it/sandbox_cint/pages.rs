//! Lists: pages, filters, and what does not show at once.

use crate::sandbox_cint::support::{A, MANAGER, id, plain, plain_with, world};
use serde_json::{Value, json};

/// Walks a list from page to page, and returns the ids and the sizes of the pages.
async fn walk(
    world: &crate::sandbox_cint::support::World,
    path: &str,
    key: &str,
) -> (Vec<String>, Vec<usize>) {
    let (mut ids, mut sizes) = (Vec::new(), Vec::new());
    let mut cursor = String::new();
    loop {
        let body = world.get(&format!("{path}{cursor}")).await.with(200);
        let items = body[key].as_array().unwrap();
        sizes.push(items.len());
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        if body["has_more"] == false {
            assert_eq!(body["next_cursor"], Value::Null);
            return (ids, sizes);
        }
        cursor = format!("start_after={}", body["next_cursor"].as_str().unwrap());
    }
}

#[tokio::test]
async fn a_page_has_ten_items_unless_asked() {
    let world = world().await;
    let project = world.project().await;
    let mut made = Vec::new();
    for _ in 0..23 {
        made.push(id(&world.draft(&project, &plain()).await).to_owned());
    }
    let list = format!("{project}/target-groups?");
    let (ids, sizes) = walk(&world, &list, "target_groups").await;
    assert_eq!((ids, sizes), (made.clone(), vec![10, 10, 3]));
    let (ids, sizes) = walk(&world, &format!("{list}page_size=23&"), "target_groups").await;
    assert_eq!((ids, sizes), (made.clone(), vec![23]));
    for wrong in ["page_size=0", "page_size=101", "start_after=01FX", "status=odd"] {
        world
            .get(&format!("{list}{wrong}"))
            .await
            .refused(400, "bad_request_error");
    }
    // Backwards from the third page.
    let second = world.get(&list).await.with(200)["next_cursor"].clone();
    let path = format!("{list}end_before={}", second.as_str().unwrap());
    let before = world.get(&path).await.with(200);
    assert_eq!(before["target_groups"].as_array().unwrap().len(), 9);
    assert_eq!(before["target_groups"][0]["id"], made[0]);
}

#[tokio::test]
async fn a_target_group_is_found_by_what_it_is() {
    let world = world().await;
    let project = world.project().await;
    let german = plain_with(&json!({
        "name": "Drinkers of coffee", "locale": "deu_de", "target_group_customer_reference_number": "COFFEE-1",
        "exclusion": {"enabled": true},
    }));
    let (tea, coffee) = (
        world.draft(&project, &plain()).await,
        world.draft(&project, &german).await,
    );
    world.launch(&tea).await;
    for (filter, expected) in [
        ("status=live", vec![id(&tea)]),
        ("status=live&status=draft", vec![id(&tea), id(&coffee)]),
        ("country=de", vec![id(&coffee)]),
        ("language=eng", vec![id(&tea)]),
        (
            "target_group_customer_reference_numbers=COFFEE-1",
            vec![id(&coffee)],
        ),
        ("target_group_customer_reference_numbers=COFFEE", vec![]),
        ("exclusion_status=true", vec![id(&coffee)]),
        ("search_string=coffee", vec![id(&coffee)]),
    ] {
        let path = format!("{project}/target-groups?{filter}&");
        let (ids, _) = walk(&world, &path, "target_groups").await;
        assert_eq!(ids, expected, "{filter}");
    }
}

#[tokio::test]
async fn a_project_is_found_by_its_name_but_not_by_its_reference() {
    let world = world().await;
    let body = json!({
        "name": "Coffee study", "project_manager_id": MANAGER, "project_customer_reference_number": "COFFEE-1",
    });
    let path = format!("{A}/projects");
    let made = world.post(&path, &body).await.with(202);
    world.project().await;
    let found = async |filter: &str| walk(&world, &format!("{path}?{filter}&"), "projects").await.0;
    let coffee = made["id"].as_str().unwrap().to_owned();
    assert_eq!(found("search_string=coffee").await, [coffee]);
    assert_eq!(found("search_string=COFFEE-1").await, Vec::<String>::new());
    assert_eq!(found("status=active").await.len(), 2);
    world
        .get(&format!("{path}?search_string=tea"))
        .await
        .refused(400, "bad_request_error");
}

#[tokio::test]
async fn what_is_new_may_not_show_at_once() {
    let world = world().await;
    world.setting("cint_project_visible_at_read", json!(3)).await;
    world.setting("cint_group_listed_at_read", json!(2)).await;
    let project = world.project().await;
    world.get(&project).await.refused(404, "not_found_error");
    let body = plain();
    world
        .post(&format!("{project}/target-groups"), &body)
        .await
        .refused(404, "not_found_error");
    let list = world.get(&format!("{A}/projects")).await.with(200);
    assert_eq!(list["projects"], json!([]));
    world.get(&project).await.with(200);
    let group = world.draft(&project, &body).await;
    let path = format!("{project}/target-groups");
    let first = world.get(&path).await.with(200);
    assert_eq!(first["target_groups"], json!([]));
    world.get(&group).await.with(200);
    assert_eq!(
        world.get(&path).await.with(200)["target_groups"][0]["id"],
        id(&group)
    );
}

#[tokio::test]
async fn a_large_answer_is_compressed_for_who_accepts_that() {
    let world = world().await;
    let path = format!("{A}/questions-translation?locale=eng_us&page_size=100");
    let plain = world.get(&path).await.with(200);
    let headers = [("accept-encoding", "gzip, deflate")];
    let packed = world.bytes(&path, &headers).await;
    assert_eq!(packed.1, "gzip");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed.0[..]), &mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), plain);
    let small = world.bytes(&format!("{A}/projects"), &headers).await;
    assert_eq!(small.1, "");
    world.setting("cint_gzip", json!(false)).await;
    assert_eq!(world.bytes(&path, &headers).await.1, "");
}
