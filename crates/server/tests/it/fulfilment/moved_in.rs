//! Past parcels moved in (B17), and what proves the counts (B3).

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use zg_base::Actor;
use zg_db::entity::{shipment, stock_entry};
use zg_fulfilment::{PastShipment, import_shipments};

use crate::support::TestApp;

#[tokio::test]
async fn b17_past_parcels_move_no_stock_and_the_proof_sees_them() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let sale = app.confirmed(&[("TEA", 2)]).await;
    app.mails().await;
    let entries = stock_entry::Entity::find().all(app.app.read()).await.unwrap().len();
    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    let at = "2014-01-03T00:00:00Z".parse().unwrap();
    let past = PastShipment {
        order_id: sale.id,
        number: "CA-2014-1".to_owned(),
        carrier_id: None,
        tracking_number: None,
        at,
        lines: vec![(sale.lines[0], 2)],
    };
    import_shipments(&tx, &[past]).await.unwrap();
    let row = shipment::Entity::find().filter(shipment::Column::Number.eq("CA-2014-1")).one(tx.db()).await.unwrap().unwrap();
    assert_eq!((row.state.as_str(), row.delivered_at, row.packed_at), ("delivered", Some(at), at));
    assert_eq!(stock_entry::Entity::find().all(tx.db()).await.unwrap().len(), entries);
    // The order's lines were left as they were: what an importer must not do.
    let proof = zg_fulfilment::prove(tx.db()).await.unwrap();
    assert_eq!(
        proof.faults,
        [format!("order line {}: its parcels hold 2, of which 2 arrived; it says 0 shipped and 0 delivered", sale.lines[0])]
    );
    tx.rollback().await.unwrap();
    assert!(app.mails().await.is_empty());
    assert!(zg_fulfilment::prove(app.app.read()).await.unwrap().holds());
}
