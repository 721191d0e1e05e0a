mod address;
mod carriers;
mod offers;
mod regions;
mod shipping_methods;
mod zones;
