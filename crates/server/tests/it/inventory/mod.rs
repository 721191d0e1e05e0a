mod adjust;
mod ledger;
mod settings;
mod stock;
