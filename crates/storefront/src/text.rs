//! Every text of the shop, in both languages. One without either does not compile;
//! a test finds those that templates name wrongly or not at all.

use zg_domain::Locale;

macro_rules! texts {
    ($($name:ident: $zh:literal, $en:literal;)*) => {
        /// A text, by what it is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(non_camel_case_types, reason = "templates name them as they stand here")]
        pub(crate) enum Text { $($name),* }

        impl Text {
            /// All of them.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name, as templates write it.
            pub(crate) const fn key(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }

            /// The text of a name.
            pub(crate) fn named(name: &str) -> Option<Self> {
                match name { $(stringify!($name) => Some(Self::$name),)* _ => None }
            }

            /// In a language.
            pub(crate) const fn of(self, locale: Locale) -> &'static str {
                match (self, locale) {
                    $((Self::$name, Locale::ZhCn) => $zh, (Self::$name, Locale::En) => $en,)*
                }
            }
        }
    };
}

texts! {
    // Around every page
    skip_to_content: "跳到正文", "Skip to content";
    search_label: "搜索商品", "Search products";
    search_placeholder: "搜索商品，也可输入拼音", "Search the shop";
    search_button: "搜索", "Search";
    tools_label: "语言、账户与购物车", "Language, account and cart";
    categories: "商品分类", "Categories";
    breadcrumbs: "当前位置", "You are here";
    home: "首页", "Front page";
    account: "我的账户", "Account";
    account_of: "我的账户：{name}", "Account: {name}";
    sign_in: "登录", "Sign in";
    sign_out: "退出登录", "Sign out";
    cart: "购物车", "Cart";
    cart_with: "购物车，{n} 件商品", "Cart, {n} in it";
    list_comma: "、", ", ";
    list_and: "、", " and ";
    and_more: "{list}等", "{list} and more";
    shop_range: "{list}，都在这里。", "{list}: all in one place.";
    shop_ways: "付款方式：{list}。", "Ways to pay: {list}.";
    footer_shop: "逛一逛", "Shop";
    footer_you: "我的", "Your account";
    footer_language: "语言", "Language";
    optional: "（选填）", "(optional)";
    choose: "请选择", "Choose";
    save: "保存", "Save";
    cancel: "取消", "Cancel";
    edit: "修改", "Edit";
    remove: "移除", "Remove";
    apply: "应用", "Apply";
    see_all: "查看全部", "See all";
    pages: "翻页", "Pages";
    first_page: "回到第一页", "First page";
    next_page: "下一页", "Next page";

    // Refusals
    problem_not_found: "没有找到这个页面", "This page is not here";
    problem_gone: "链接已失效", "This link no longer works";
    problem_conflict: "现在不能这样做", "That can't be done now";
    problem_forbidden: "没有处理您的请求", "Your request was not taken";
    problem_too_many: "请稍等片刻", "One moment, please";
    problem_bad: "请求有误", "Something was not right";
    problem_server: "出了点问题", "Something went wrong";
    problem_server_help: "请稍后再试。您的购物车不会丢失。", "Try again in a moment. Your cart is safe.";
    request_number: "请求编号：{id}", "Request number: {id}";
    to_home: "回到首页", "To the front page";
    to_all_products: "浏览全部商品", "Browse all products";

    // Home
    home_description: "{shop}网上商店：{list}。", "{shop}, the online shop: {list}.";
    home_description_bare: "{shop}网上商店。", "{shop}, the online shop.";
    shop_opening: "商品正在上架，请过些时候再来看看。", "The shelves are being filled. Please come back soon.";
    hero_best: "看看大家在买什么", "See what sells best";
    home_categories: "按分类逛", "By category";
    home_best: "卖得最好", "Best sellers";
    home_newest: "新到", "New in";
    promises: "在这里购物", "Shopping here";
    promise_pay_title: "付款随您", "Pay as you like";
        promise_track_title: "每个包裹都能查", "Follow every parcel";
    promise_track: "下单后有专属页面，状态、价格明细和运单号都在上面。", "Each order has a page of its own with its state, how its price came about and the tracking numbers.";
    promise_guest_title: "不注册也能买", "No account needed";
    promise_guest: "留下收货信息就可以下单。", "Say where it goes, and order.";

    // Lists
    all_products: "全部商品", "All products";
    all_products_description: "本店全部商品，可按分类、价格和规格筛选。", "Everything in the shop, by category, price and kind.";
    category_description: "{shop}的{name}，按价格、规格和库存挑选，在线下单。", "{name} at {shop}: choose by price, kind and availability, and order online.";
    subcategories: "下级分类", "Subcategories";
    products_count: "{n} 件商品", "{n} in this category";
    sort: "排序", "Sort by";
    sort_default: "默认", "Default";
    sort_up_relevance: "相关度", "Best match";
    sort_down_sales: "销量", "Best selling";
    sort_down_published_at: "最新", "Newest";
    sort_up_price: "价格从低到高", "Price, low to high";
    sort_down_price: "价格从高到低", "Price, high to low";
    filters: "筛选", "Filter";
    clear_filters: "清除筛选", "Clear filters";
    availability: "库存", "Availability";
    only_in_stock: "只看有货", "In stock only";
    price: "价格", "Price";
    price_lowest: "最低价", "Lowest price";
    price_highest: "最高价", "Highest price";
    price_from: "{price} 起", "from {price}";
    sold_out: "售罄", "Sold out";
    nothing_here: "这里没有商品", "Nothing here";
    nothing_here_yet: "这个分类还没有上架商品，看看别的吧。", "This category holds nothing yet. Have a look at the others.";
    nothing_here_filters: "没有商品符合这些条件，请放宽或清除筛选。", "Nothing fits all of these filters. Loosen or clear them.";
    search_results_for: "“{q}”的搜索结果", "Results for “{q}”";
    search_corrected: "没有完全匹配的结果，以下是“{q}”的结果。", "Nothing matched exactly. These are the results for “{q}”.";
    search_nothing: "没有找到相关商品", "Nothing found";
    search_nothing_help: "试试更短的词、拼音，或从分类里找。", "Try a shorter word, or look through the categories.";
    narrow_to_category: "缩小到分类", "Narrow to a category";

    // Product
    pictures: "图片", "Pictures";
    tax_included: "含税价", "Tax included";
    quantity: "数量", "Quantity";
    add_to_cart: "加入购物车", "Add to cart";
    in_stock: "有货", "In stock";
    few_left: "仅剩 {n} 件", "Only {n} left";
    sold_out_long: "已售罄", "Sold out";
    not_for_sale: "暂不出售", "Not for sale at the moment";
    about_product: "关于这件商品", "About this product";
    sku: "货号", "Article number";
    variant: "规格", "Variant";
    weight: "重量", "Weight";
    grams: "{n} 克", "{n} g";
    related: "同类里受欢迎的", "Popular in this category";

    // Cart
    cart_empty: "购物车还是空的", "Your cart is empty";
    cart_empty_help: "看看大家在买什么，或者按分类慢慢逛。", "See what others buy, or look through the categories.";
    cart_update: "更新数量", "Update";
    cart_quantity_of: "{name} 的数量", "Quantity of {name}";
    cart_left: "库存只剩 {n} 件，请调整数量。", "Only {n} left. Please change the quantity.";
    cart_none_left: "已售罄，请移除后再结算。", "Sold out. Please remove it before you check out.";
    cart_not_for_sale: "已下架，请移除后再结算。", "No longer for sale. Please remove it before you check out.";
    cart_price_changed: "价格有变：放入时 {before}，现在 {now}。", "The price has changed: {before} when you put it in, {now} now.";
    cart_settle: "有商品不能购买，请先按提示调整。", "Some items can’t be bought. Please settle them first.";
    cart_each: "{price} / 件", "{price} each";
    summary: "金额明细", "Summary";
    subtotal: "商品金额", "Items";
    discount: "优惠", "Discount";
    shipping: "运费", "Shipping";
    shipping_later: "结算时计算", "Worked out at checkout";
    fees: "手续费", "Fees";
    tax_added: "税费", "Tax";
    tax_within: "含税 {price}", "Includes {price} tax";
    total: "总计", "Total";
    free: "免费", "Free";
    to_checkout: "去结算", "Check out";
    continue_shopping: "继续逛", "Continue shopping";

    // Checkout
    checkout: "结算", "Checkout";
    checkout_contact: "联系方式", "Contact";
    checkout_contact_help: "邮箱和电话至少填一项，订单消息发到这里。", "Give an e-mail address or a telephone number, so that we can reach you about the order.";
    checkout_member: "已登录：{name}", "Signed in as {name}";
    checkout_guest: "有账户的话，这里会自动填好。", "With an account, this is filled in for you.";
    checkout_address: "收货地址", "Delivery address";
    checkout_saved: "使用保存的地址", "Use a saved address";
    checkout_save_address: "保存地址", "Save the address";
    checkout_to_shipping: "下一步：配送方式", "Continue to delivery";
    checkout_shipping: "配送方式", "Delivery";
    checkout_shipping_none: "没有能送到这个地址的配送方式，请换一个地址。", "No delivery method reaches this address. Please try another one.";
    checkout_shipping_first: "填好收货地址后，这里会列出配送方式和运费。", "Once the address is filled in, delivery methods and their prices are listed here.";
    checkout_payment: "付款方式", "Payment";
    checkout_update: "更新金额", "Update total";
    checkout_place: "提交订单", "Place order";
    checkout_note: "提交即按所示金额下单。", "By placing the order you agree to pay the amount shown.";
    checkout_message: "给店家的留言", "A note for us";
    checkout_edit_cart: "修改购物车", "Edit cart";
    name: "姓名", "Name";
    receiver: "收货人", "Recipient";
    phone: "电话", "Telephone";
    email: "邮箱", "E-mail";
    country: "国家或地区", "Country or region";
    province: "省 / 州", "Province or state";
    city: "市", "City";
    district: "区 / 县", "District or county";
    street: "详细地址", "Street, house, door";
    postal_code: "邮政编码", "Postal code";

    // Order
    order: "订单 {number}", "Order {number}";
    order_keep: "请收藏这个页面：随时可以在这里查看进度。", "Keep this page: here you can always see how far it is.";
    order_placed_at: "下单于 {at}", "Placed {at}";
    order_how_to_pay: "如何付款：{name}", "How to pay: {name}";
    order_pay_amount: "应付 {price}", "To pay: {price}";
    order_pay_reference: "附言请写订单号：{number}", "Name the order number: {number}";
    order_pay_until: "请在 {at} 前付款，逾期订单会自动取消。", "Please pay before {at}; after that the order is cancelled.";
    order_progress: "进度", "Progress";
    mile_placed: "已下单", "Placed";
    mile_paid: "已付款", "Paid";
    mile_confirmed: "已确认", "Confirmed";
    mile_shipped: "已发货", "Shipped";
    mile_completed: "已完成", "Completed";
    order_lines: "商品", "Items";
    order_line_cancelled: "已取消 {n} 件", "{n} cancelled";
    order_line_shipped: "已发货 {n} 件", "{n} shipped";
    order_explained: "价格是怎么来的", "How this price came about";
    step_list_price: "标价", "List price";
    step_promotion: "促销", "Promotion";
    step_agreed_discount: "议定优惠", "Agreed discount";
    step_shipping: "运费", "Shipping";
    step_free_shipping: "免运费", "Free shipping";
    step_fees: "手续费", "Fees";
    step_tax_included: "内含税额", "Tax within";
    step_tax_added: "税额", "Tax";
    step_not_applied: "未适用", "not applied";
    order_parcels: "包裹", "Parcels";
    order_parcel: "包裹 {n}", "Parcel {n}";
    order_track: "查询物流", "Track it";
    order_no_parcels: "发货后，这里会出现运单号。", "Once it is sent, the tracking number stands here.";
    order_paid: "已付", "Paid";
    order_refunded: "已退款", "Refunded";
    order_to: "收货地址", "Goes to";
    order_by: "付款方式", "Payment";
    order_cancelled: "订单已取消", "This order was cancelled";
    order_cancelled_help: "已付的款项会退还给您。", "What you paid is given back to you.";
    state_placed: "已下单", "Placed";
    state_confirmed: "已确认", "Confirmed";
    state_completed: "已完成", "Completed";
    state_cancelled: "已取消", "Cancelled";
    payment_unpaid: "待付款", "Awaiting payment";
    payment_authorized: "已授权", "Authorised";
    payment_partial: "部分付款", "Partly paid";
    payment_paid: "已付款", "Paid";
    payment_overpaid: "多付", "Overpaid";
    payment_part_refunded: "部分退款", "Partly refunded";
    payment_refunded: "已退款", "Refunded";
    fulfilment_partial: "部分发货", "Partly shipped";
    fulfilment_shipped: "已发货", "Shipped";
    fulfilment_delivered: "已送达", "Delivered";

    // Account
    account_hello: "{name}，您好", "Hello, {name}";
    account_profile: "个人资料", "Profile";
    account_orders: "我的订单", "Orders";
    account_addresses: "收货地址", "Addresses";
    pieces: "{n} 件", "{n} items";
    piece: "1 件", "1 item";
    no_orders: "还没有订单", "No orders yet";
    no_orders_help: "下单后会列在这里。", "Orders you place are listed here.";
    password: "密码", "Password";
    password_new: "新密码", "New password";
    password_current: "当前密码", "Current password";
    password_help: "至少 8 个字符。", "At least 8 characters.";
    password_change: "修改密码", "Change password";
    forgot_link: "忘记密码？", "Forgot your password?";
    forgot_title: "重设密码", "Reset your password";
    forgot_help: "我们会把重设链接发到这个邮箱。", "We send a link to this address.";
    forgot_button: "发送链接", "Send the link";
    back_to_sign_in: "返回登录", "Back to sign-in";
    reset_title: "设置新密码", "Choose a new password";
    reset_again: "链接失效了？重新申请", "Link too old? Ask for a new one";
    no_account: "还没有账户？", "No account yet?";
    have_account: "已有账户？", "Have an account?";
    register: "注册", "Register";
    register_help: "提交后请到邮箱点击确认链接，完成注册。", "We send you a mail with a link that finishes registering.";
    confirm_title: "完成注册", "Finish registering";
    confirm_text: "确认这个邮箱是您的，并登录。", "Confirm that this address is yours, and sign in.";
    confirm_button: "确认并登录", "Confirm and sign in";
    marketing: "愿意收到新品和优惠邮件（随时可取消）", "Send me news and offers by mail (can be stopped at any time)";
    email_fixed: "邮箱用于登录，不能在这里修改。", "You sign in with it; it can't be changed here.";
    address_add: "添加地址", "Add an address";
    address_edit: "修改地址", "Edit address";
    address_default: "默认", "Default";
    address_make_default: "设为默认地址", "Make it the default";

    // What the page before wants to have said
    notice_added: "已加入购物车。", "Added to your cart.";
    notice_updated: "购物车已更新。", "Your cart is up to date.";
    notice_removed: "已从购物车移除。", "Removed from your cart.";
    notice_short: "有商品库存不足，您还没有下单。请按剩余数量调整后再结算。", "Some items are short, so nothing was ordered. Change them to what is left and check out again.";
    notice_total_changed: "应付金额有变化，请核对后再提交。", "The total has changed. Please check it, then place the order again.";
    notice_choose_shipping: "请选择配送方式。", "Please choose how it is delivered.";
    notice_choose_payment: "请选择付款方式。", "Please choose how you pay.";
    notice_thanks: "谢谢，订单已收到。", "Thank you, we have your order.";
    notice_saved: "已保存。", "Saved.";
    notice_signed_out: "您已退出登录。", "You have signed out.";
    notice_welcome: "欢迎，注册已完成。", "Welcome. Your account is ready.";
    notice_mail_sent: "如果这个邮箱可用，您会收到一封带链接的邮件。", "If the address can be used, a mail with a link is on its way.";
    notice_password_set: "密码已更新。", "Your password was changed.";
    notice_address_removed: "地址已移除。", "The address was removed.";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names in braces, sorted.
    fn places(text: &str) -> Vec<&str> {
        let mut found: Vec<&str> = text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn b8_every_text_stands_in_both_languages_with_the_same_places() {
        for text in Text::ALL {
            let (zh, en) = (text.of(Locale::ZhCn), text.of(Locale::En));
            assert!(!zh.trim().is_empty() && !en.trim().is_empty(), "{}", text.key());
            assert_eq!(places(zh), places(en), "{}", text.key());
            assert_eq!(Text::named(text.key()), Some(*text));
            assert!(!en.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c)), "{} is Chinese in English", text.key());
        }
    }
}
