#!/usr/bin/env python3
"""Writes the demo shop's files from goods.py: the same bytes each time.

    python3 demo/make.py            categories.csv  products.csv  customers.csv  staff.csv
    python3 demo/make.py --check    compares instead of writing

Needs nothing but Python 3.11. People are invented: mail addresses lie in example.com and phone
numbers in ranges that are reserved for fiction or are not given out. Barcodes use the range that
is kept for numbering inside a shop.
"""

import csv
import io
import pathlib
import random
import sys

sys.dont_write_bytecode = True
from goods import CATEGORIES, CHOICES, LINES, OWN, SERIES

HERE = pathlib.Path(__file__).parent


def products():
    """Every product as (code, line, edition), where an edition is a row of a series."""
    for series, lines in LINES.items():
        for line in lines:
            for edition in SERIES[series]:
                yield f"{line[0]}-{edition[0]}", line, edition
    backgrounds = ["#f6ecdd", "#e8eef3", "#ebf1e4"]
    for *line, editions in OWN:
        for (code, zh, en, factor), background in zip(editions, backgrounds):
            yield f"{line[0]}-{code}", tuple(line), (code, zh, en, "", "", factor, None, background)


# The editions of these differ too little, or too inwardly, for a picture each.
ONE_PICTURE = {"wood", "grade", "scent"}
OWN_PICTURE = {line[0] for series, lines in LINES.items() if series not in ONE_PICTURE for line in lines}
OWN_PICTURE -= {"PLANTER", "REDENV"}


def picture(code, line):
    shared = line[0] not in OWN_PICTURE
    return f"{(line[0] if shared else code).lower()}.webp"


def price(yuan):
    """As a shop would write it: 18.90, 49.00, 128.00."""
    if yuan < 30:
        return f"{int(yuan)}.90"
    whole = round(yuan)
    last = whole % 10
    whole += {0: -1, 1: -2, 2: -3, 3: 2, 4: 1, 5: 0, 6: 2, 7: 1, 8: 0, 9: 0}[last]
    return f"{whole}.00"


def barcode(number):
    digits = f"20{number:010d}"
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return digits + str(-total % 10)


def variants(choices):
    """All combinations: code, values by choice, price and grams added, share of the price."""
    combined = [("", [], 0, 0)]
    for name in choices:
        combined = [
            (f"{code}-{value[0]}", [*values, (CHOICES[name], value)], yuan + value[3], grams + value[4])
            for code, values, yuan, grams in combined
            for value in CHOICES[name][2]
        ]
    return combined


def product_rows():
    dice = random.Random(20260301)
    number = 0
    for code, line, edition in products():
        _, _, category, zh, en, base, grams, choices, about_zh, about_en = line
        _, edition_zh, edition_en, more_zh, more_en, factor, *_ = edition
        # A tea's name comes first in Chinese as in English, then its grade.
        first = category.startswith("tea-") and category != "tea-ware"
        name_zh = f"{zh}·{edition_zh}" if first else f"{edition_zh}{zh}"
        name_en = f"{en}, {edition_en}" if first else f"{edition_en} {en}"
        for suffix, values, yuan, more_grams in variants(choices):
            number += 1
            # Packs of tea and food cost by weight: what is added is a percentage there.
            by_weight = any(choice in ("tea", "net") for choice in choices)
            amount = base * factor / 100
            amount = amount * (100 + yuan) / 100 if by_weight else amount + yuan
            if by_weight and yuan:
                amount *= 0.94
            stock = dice.choices([0, dice.randint(1, 5), dice.randint(8, 60), dice.randint(60, 400)], [3, 8, 54, 35])[0]
            row = {
                "product": code,
                "sku": code + suffix,
                "name_zh": name_zh,
                "name_en": name_en,
                "description_zh": about_zh + more_zh,
                "description_en": f"{about_en} {more_en}".strip(),
                "category": category,
                "price_cny": price(amount),
                "weight_g": grams + more_grams,
                "barcode": barcode(number),
                "image": picture(code, line),
                "stock": stock,
            }
            for at in (1, 2):
                choice, value = values[at - 1] if at <= len(values) else (("", ""), ("", "", ""))
                row[f"option{at}_zh"], row[f"option{at}_en"] = choice[0], choice[1]
                row[f"value{at}_zh"], row[f"value{at}_en"] = value[1], value[2]
            yield row


PRODUCT_COLUMNS = (
    "product sku name_zh name_en description_zh description_en category price_cny weight_g barcode "
    "option1_zh option1_en value1_zh value1_en option2_zh option2_en value2_zh value2_en image stock"
).split()

# province, city, district, postal code, streets
PLACES = [
    ("北京市", "北京市", "海淀区", "100080", ["中关村大街", "成府路"]),
    ("北京市", "北京市", "朝阳区", "100020", ["工体北路", "望京街"]),
    ("北京市", "北京市", "东城区", "100007", ["东四北大街", "鼓楼东大街"]),
    ("上海市", "上海市", "徐汇区", "200030", ["武康路", "漕溪北路"]),
    ("上海市", "上海市", "静安区", "200040", ["南京西路", "愚园路"]),
    ("上海市", "上海市", "浦东新区", "200120", ["世纪大道", "张杨路"]),
    ("天津市", "天津市", "和平区", "300041", ["大沽北路", "南京路"]),
    ("重庆市", "重庆市", "渝中区", "400010", ["中山四路", "民权路"]),
    ("广东省", "广州市", "天河区", "510620", ["体育东路", "天河路"]),
    ("广东省", "广州市", "越秀区", "510030", ["北京路", "中山五路"]),
    ("广东省", "深圳市", "南山区", "518052", ["科技南路", "南海大道"]),
    ("广东省", "深圳市", "福田区", "518033", ["福华路", "深南中路"]),
    ("广东省", "佛山市", "顺德区", "528300", ["凤山中路", "清晖路"]),
    ("浙江省", "杭州市", "西湖区", "310012", ["文三路", "曙光路"]),
    ("浙江省", "杭州市", "上城区", "310002", ["河坊街", "中山中路"]),
    ("浙江省", "宁波市", "鄞州区", "315100", ["天童南路", "百丈东路"]),
    ("浙江省", "温州市", "鹿城区", "325000", ["五马街", "人民西路"]),
    ("江苏省", "南京市", "鼓楼区", "210008", ["汉口路", "中央路"]),
    ("江苏省", "南京市", "秦淮区", "210001", ["升州路", "大光路"]),
    ("江苏省", "苏州市", "姑苏区", "215000", ["平江路", "十全街"]),
    ("江苏省", "无锡市", "梁溪区", "214000", ["中山路", "人民中路"]),
    ("四川省", "成都市", "武侯区", "610041", ["人民南路四段", "玉林西路"]),
    ("四川省", "成都市", "锦江区", "610011", ["东大街", "红星路三段"]),
    ("湖北省", "武汉市", "武昌区", "430060", ["中南路", "昙华林"]),
    ("湖北省", "武汉市", "洪山区", "430070", ["珞喻路", "街道口路"]),
    ("湖南省", "长沙市", "岳麓区", "410006", ["麓山南路", "金星中路"]),
    ("福建省", "厦门市", "思明区", "361001", ["中山路", "环岛路"]),
    ("福建省", "福州市", "鼓楼区", "350001", ["南后街", "五四路"]),
    ("山东省", "青岛市", "市南区", "266071", ["香港中路", "太平路"]),
    ("山东省", "济南市", "历下区", "250011", ["泉城路", "文化西路"]),
    ("陕西省", "西安市", "碑林区", "710001", ["书院门街", "友谊西路"]),
    ("陕西省", "西安市", "雁塔区", "710061", ["小寨东路", "长安南路"]),
    ("河南省", "郑州市", "金水区", "450003", ["花园路", "经三路"]),
    ("辽宁省", "大连市", "中山区", "116001", ["人民路", "南山路"]),
    ("辽宁省", "沈阳市", "和平区", "110003", ["中华路", "三好街"]),
    ("黑龙江省", "哈尔滨市", "道里区", "150010", ["中央大街", "新阳路"]),
    ("云南省", "昆明市", "五华区", "650021", ["翠湖北路", "人民中路"]),
    ("广西壮族自治区", "桂林市", "秀峰区", "541001", ["正阳路", "解放西路"]),
    ("海南省", "海口市", "美兰区", "570203", ["海府路", "和平大道"]),
    ("安徽省", "合肥市", "蜀山区", "230031", ["长江西路", "潜山路"]),
]
SURNAMES = "王 李 张 刘 陈 杨 黄 赵 周 吴 徐 孙 马 朱 胡 郭 何 林 罗 高 郑 梁 谢 宋 唐 许 邓 冯 韩 曹 曾 彭 萧 蔡 潘 田 董 袁 于 余 叶 蒋 杜 苏 魏 程 吕 丁 沈 任 姚 卢 傅 钟 姜 崔 谭 廖 欧阳 上官".split()
PINYIN = "wang li zhang liu chen yang huang zhao zhou wu xu sun ma zhu hu guo he lin luo gao zheng liang xie song tang xu deng feng han cao zeng peng xiao cai pan tian dong yuan yu yu ye jiang du su wei cheng lv ding shen ren yao lu fu zhong jiang cui tan liao ouyang shangguan".split()
GIVEN = [
    ("伟", "wei"), ("芳", "fang"), ("敏", "min"), ("静", "jing"), ("磊", "lei"), ("洋", "yang"), ("婷", "ting"), ("雪", "xue"),
    ("子涵", "zihan"), ("雨桐", "yutong"), ("思远", "siyuan"), ("佳怡", "jiayi"), ("浩然", "haoran"), ("欣妍", "xinyan"),
    ("明轩", "mingxuan"), ("晓雯", "xiaowen"), ("国栋", "guodong"), ("丽华", "lihua"), ("志强", "zhiqiang"), ("海燕", "haiyan"),
    ("文博", "wenbo"), ("若曦", "ruoxi"), ("天佑", "tianyou"), ("春梅", "chunmei"), ("俊杰", "junjie"), ("梓萱", "zixuan"),
    ("建平", "jianping"), ("秋月", "qiuyue"), ("一鸣", "yiming"), ("知夏", "zhixia"), ("清和", "qinghe"), ("望舒", "wangshu"),
]
COMPANIES = [
    ("云栖民宿", "yunqi"), ("拾光咖啡馆", "shiguang"), ("半山茶室", "banshan"), ("青禾设计工作室", "qinghe.design"), ("南风书店", "nanfeng"),
    ("知微律师事务所", "zhiwei"), ("小满幼儿园", "xiaoman"), ("长亭酒店", "changting"), ("木石空间", "mushi"), ("鲸落文化", "jingluo"),
]
ABROAD = [
    ("Emma Clarke", "GB", "England", "London", "Camden", "17 Delancey Street", "NW1 7NP"),
    ("Oliver Bennett", "GB", "England", "Bristol", "", "4 Gloucester Road", "BS7 8AE"),
    ("Isla Fraser", "GB", "Scotland", "Edinburgh", "", "61 Broughton Street", "EH1 3RJ"),
    ("Harriet O'Neill", "IE", "Leinster", "Dublin", "", "28 Camden Row", "D08 P2X6"),
    ("Noah Williams", "US", "California", "San Francisco", "", "415 Judah Street", "94122"),
    ("Ava Martinez", "US", "New York", "Brooklyn", "", "230 Bergen Street", "11217"),
    ("Mia Johnson", "US", "Washington", "Seattle", "", "1908 E Pike Street", "98122"),
    ("Daniel Cohen", "US", "Massachusetts", "Cambridge", "", "77 Pearl Street", "02139"),
    ("Chloé Lefèvre", "FR", "Île-de-France", "Paris", "", "12 rue des Martyrs", "75009"),
    ("Lukas Schneider", "DE", "Berlin", "Berlin", "", "Oderberger Straße 43", "10435"),
    ("Sofia Rossi", "IT", "Lombardia", "Milano", "", "Via Tortona 31", "20144"),
    ("Liam Nguyen", "AU", "Victoria", "Melbourne", "", "88 Gertrude Street", "3065"),
    ("Grace Tan", "SG", "Singapore", "Singapore", "", "21 Tiong Bahru Road", "168732"),
    ("Ryan Lim", "SG", "Singapore", "Singapore", "", "5 Joo Chiat Place", "427744"),
    ("Yuki Tanaka", "JP", "Tokyo", "Setagaya", "", "3-12-8 Daizawa", "155-0032"),
    ("Hana Kim", "KR", "Seoul", "Mapo-gu", "", "24 Wausan-ro 29-gil", "04053"),
]
PHONE_CODES = {"GB": "+44 7700 900", "IE": "+353 20 910 0", "US": "+1 415 555 0", "FR": "+33 6 39 98 0"}


def customer_rows():
    dice = random.Random(20260302)
    code = 1000
    pairs = [(at, given) for at in range(len(SURNAMES)) for given in GIVEN]
    for at, given in dice.sample(pairs, 214):
        code += dice.randint(1, 4)
        province, city, district, postal_code, streets = dice.choice(PLACES)
        flat = dice.choice(["", f"{dice.randint(1, 18)}号楼{dice.randint(2, 24)}0{dice.randint(1, 4)}室", f"{dice.randint(2, 9)}幢{dice.randint(1, 3)}单元{dice.randint(1, 12)}0{dice.randint(1, 2)}"])
        tags = dice.choices(["", "老客户", "茶友", "手账", "老客户;茶友", "需开票"], [60, 12, 10, 8, 6, 4])[0]
        yield {
            "code": f"C{code}", "name": SURNAMES[at] + given[0], "email": f"{PINYIN[at]}.{given[1]}{code}@example.com",
            "phone": f"1990000{code}", "segment": "consumer", "locale": "zh-CN", "country": "CN", "province": province, "city": city,
            "district": district, "street": f"{dice.choice(streets)}{dice.randint(1, 380)}号{flat}", "postal_code": postal_code, "tags": tags,
        }
    for name, mail in COMPANIES:
        code += dice.randint(1, 4)
        province, city, district, postal_code, streets = dice.choice(PLACES)
        yield {
            "code": f"C{code}", "name": name, "email": f"{mail}{code}@example.com", "phone": f"1990000{code}", "segment": "corporate",
            "locale": "zh-CN", "country": "CN", "province": province, "city": city, "district": district,
            "street": f"{dice.choice(streets)}{dice.randint(1, 380)}号", "postal_code": postal_code, "tags": "企业;需开票",
        }
    for at, (name, country, province, city, district, street, postal_code) in enumerate(ABROAD):
        code += dice.randint(1, 4)
        words = "".join(char if char.isascii() and char.isalpha() else "." if char == " " else "" for char in name).lower()
        prefix = PHONE_CODES.get(country)
        yield {
            "code": f"C{code}", "name": name, "email": f"{words}@example.com", "phone": f"{prefix or '+44 20 7946 0'}{100 + at}",
            "segment": "consumer", "locale": "en", "country": country, "province": province, "city": city, "district": district,
            "street": street, "postal_code": postal_code, "tags": "overseas",
        }


CUSTOMER_COLUMNS = "code name email phone segment locale country province city district street postal_code tags".split()

# The first row is the sign-in that `cargo xtask run` prints.
STAFF = [
    {"email": "boss@example.com", "name": "掌柜", "role": "owner", "locale": "zh-CN", "password": "zhanggui-demo"},
    {"email": "support@example.com", "name": "Emily Chen", "role": "support", "locale": "en", "password": "zhanggui-demo"},
    {"email": "warehouse@example.com", "name": "老周", "role": "warehouse", "locale": "zh-CN", "password": "zhanggui-demo"},
    {"email": "finance@example.com", "name": "沈会计", "role": "finance", "locale": "zh-CN", "password": "zhanggui-demo"},
]


def table(columns, rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def main():
    categories = [dict(zip(("code", "parent", "name_zh", "name_en"), row)) for row in CATEGORIES]
    files = {
        "categories.csv": table(["code", "parent", "name_zh", "name_en"], categories),
        "products.csv": table(PRODUCT_COLUMNS, product_rows()),
        "customers.csv": table(CUSTOMER_COLUMNS, customer_rows()),
        "staff.csv": table(["email", "name", "role", "locale", "password"], STAFF),
    }
    stale = []
    for name, text in files.items():
        path = HERE / name
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
        print(f"{name}: {text.count(chr(10)) - 1} rows")
    if stale:
        sys.exit(f"out of date: {', '.join(stale)}; run python3 demo/make.py")


if __name__ == "__main__":
    main()
