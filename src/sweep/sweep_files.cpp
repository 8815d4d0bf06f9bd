#include "sweep/sweep_files.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/staging.h"
#include "results/quantity_text.h"
#include "sweep/screening.h"
#include "sweep/sweep_text.h"

namespace sliver::sweep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using results::exact;

constexpr int kSchema = 1;
constexpr std::array kStates = {std::pair{PointState::done, "done"}, std::pair{PointState::failed, "failed"},
                                std::pair{PointState::open, "open"},
                                std::pair{PointState::dropped, "dropped"}};

std::string state_word(PointState state) {
    for (const auto& [value, word] : kStates)
        if (value == state) return word;
    return {};
}

/// RFC 4180: quoted where it must be.
std::string field(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char letter : text) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return quoted + "\"";
}

std::string optional_text(const std::vector<std::optional<double>>& values, std::size_t i) {
    return i < values.size() && values[i] ? exact(*values[i]) : std::string();
}

const char* direction(Better better) {
    return better == Better::less ? "min" : "max";
}

// --- SQLite ------------------------------------------------------------------------------------------------

struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct EndStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

class Statement {
  public:
    Statement(sqlite3* database, const fs::path& file, const std::string& sql)
        : database_(database), file_(file) {
        sqlite3_stmt* made = nullptr;
        check(sqlite3_prepare_v2(database, sql.c_str(), -1, &made, nullptr), SQLITE_OK);
        statement_.reset(made);
    }
    Statement& bind(const std::string& text) {
        check(sqlite3_bind_text(statement_.get(), ++bound_, text.c_str(), static_cast<int>(text.size()),
                                SQLITE_TRANSIENT),
              SQLITE_OK);
        return *this;
    }
    Statement& bind(std::size_t number) {
        check(sqlite3_bind_int64(statement_.get(), ++bound_, static_cast<sqlite3_int64>(number)), SQLITE_OK);
        return *this;
    }
    Statement& bind(std::optional<double> number) {
        check(number ? sqlite3_bind_double(statement_.get(), ++bound_, *number)
                     : sqlite3_bind_null(statement_.get(), ++bound_),
              SQLITE_OK);
        return *this;
    }
    /// One row written; ready for the next.
    void write() {
        check(sqlite3_step(statement_.get()), SQLITE_DONE);
        check(sqlite3_reset(statement_.get()), SQLITE_OK);
        bound_ = 0;
    }
    bool next() {
        const int code = sqlite3_step(statement_.get());
        if (code == SQLITE_ROW) return true;
        check(code, SQLITE_DONE);
        return false;
    }
    [[nodiscard]] std::string text(int column) const {
        const unsigned char* text = sqlite3_column_text(statement_.get(), column);
        return text == nullptr ? std::string() : reinterpret_cast<const char*>(text);
    }
    [[nodiscard]] std::size_t count(int column) const {
        return static_cast<std::size_t>(sqlite3_column_int64(statement_.get(), column));
    }
    [[nodiscard]] std::optional<double> number(int column) const {
        if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
        return sqlite3_column_double(statement_.get(), column);
    }

  private:
    void check(int code, int wanted) const {
        if (code != wanted) refuse("{}: {}", file_.string(), sqlite3_errmsg(database_));
    }

    sqlite3* database_;
    const fs::path& file_;
    std::unique_ptr<sqlite3_stmt, EndStatement> statement_;
    int bound_ = 0;
};

Database open_database(const fs::path& file, int flags) {
    sqlite3* made = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &made, flags, nullptr);
    Database database(made);
    if (code != SQLITE_OK) refuse("{}: cannot be opened ({})", file.string(), sqlite3_errstr(code));
    return database;
}

void run(sqlite3* database, const fs::path& file, const std::string& sql) {
    if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        refuse("{}: {}", file.string(), sqlite3_errmsg(database));
}

/// A name as a column: quoted, whatever is in it.
std::string column(const std::string& name) {
    std::string quoted = "\"";
    for (const char letter : name) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return quoted + "\"";
}

std::string estimate_name(const Metric& metric) {
    return "estimated_" + std::string(metric.name);
}

void create_tables(sqlite3* database, const fs::path& file, const SweepResults& results) {
    std::string points =
        "CREATE TABLE points (number INTEGER PRIMARY KEY, id TEXT, simulation TEXT, state TEXT, feasible "
        "INTEGER, "
        "front INTEGER, message TEXT";
    for (const AxisResult& axis : results.axes) points += ", " + column(axis.name) + " TEXT";
    for (const Metric& metric : metrics()) points += ", " + column(std::string(metric.name)) + " REAL";
    for (const Metric& metric : metrics()) points += ", " + column(estimate_name(metric)) + " REAL";
    run(database, file, points + ")");
    run(database, file, "CREATE TABLE sweep (key TEXT PRIMARY KEY, value TEXT)");
    run(database, file, "CREATE TABLE axes (place INTEGER PRIMARY KEY, name TEXT, scenario INTEGER)");
    run(database, file, "CREATE TABLE labels (axis INTEGER, place INTEGER, label TEXT)");
    run(database, file, "CREATE TABLE objectives (place INTEGER PRIMARY KEY, metric TEXT, better TEXT)");
    run(database, file, "CREATE TABLE constraints (place INTEGER PRIMARY KEY, text TEXT)");
    run(database, file,
        "CREATE TABLE components (number INTEGER, component TEXT, energy_per_image_j REAL, area_mm2 REAL)");
}

void fill_tables(sqlite3* database, const fs::path& file, const SweepResults& results) {
    Statement sweep(database, file, "INSERT INTO sweep VALUES (?, ?)");
    for (const auto& [key, value] :
         {std::pair<std::string, std::string>{"name", results.name},
          {"summary", results.summary},
          {"version", results.version},
          {"sampling", results.sampling},
          {"fixed", results.fixed},
          {"schema", std::to_string(kSchema)},
          {"baseline", results.baseline ? std::to_string(results.points[*results.baseline].number) : ""},
          {"chosen", results.chosen ? std::to_string(results.points[*results.chosen].number) : ""}})
        sweep.bind(key).bind(value).write();
    Statement axes(database, file, "INSERT INTO axes VALUES (?, ?, ?)");
    Statement labels(database, file, "INSERT INTO labels VALUES (?, ?, ?)");
    for (std::size_t i = 0; i < results.axes.size(); ++i) {
        axes.bind(i).bind(results.axes[i].name).bind(std::size_t{results.axes[i].scenario}).write();
        for (std::size_t k = 0; k < results.axes[i].labels.size(); ++k)
            labels.bind(i).bind(k).bind(results.axes[i].labels[k]).write();
    }
    Statement objectives(database, file, "INSERT INTO objectives VALUES (?, ?, ?)");
    for (std::size_t i = 0; i < results.objectives.size(); ++i)
        objectives.bind(i)
            .bind(std::string(results.objectives[i].metric->name))
            .bind(std::string(direction(results.objectives[i].better)))
            .write();
    Statement constraints(database, file, "INSERT INTO constraints VALUES (?, ?)");
    for (std::size_t i = 0; i < results.constraints.size(); ++i)
        constraints.bind(i).bind(results.constraints[i].text).write();

    std::string marks = "?, ?, ?, ?, ?, ?, ?";
    for (std::size_t i = 0; i < results.axes.size() + 2 * metrics().size(); ++i) marks += ", ?";
    Statement points(database, file, "INSERT INTO points VALUES (" + marks + ")");
    Statement components(database, file, "INSERT INTO components VALUES (?, ?, ?, ?)");
    for (const PointResult& point : results.points) {
        points.bind(point.number)
            .bind(point.id)
            .bind(point.simulation)
            .bind(state_word(point.state))
            .bind(std::size_t{point.feasible})
            .bind(std::size_t{point.front})
            .bind(point.message);
        for (const std::string& label : point.labels) points.bind(label);
        for (const auto* values : {&point.values, &point.estimates})
            for (std::size_t i = 0; i < metrics().size(); ++i)
                points.bind(i < values->size() ? (*values)[i] : std::nullopt);
        points.write();
        for (const ComponentCost& part : point.components)
            components.bind(point.number)
                .bind(part.name)
                .bind(std::optional<double>(part.energy_per_image_j))
                .bind(std::optional<double>(part.area_mm2))
                .write();
    }
}

std::vector<std::optional<double>> read_values(const Statement& row, int first) {
    std::vector<std::optional<double>> values;
    bool any = false;
    for (std::size_t i = 0; i < metrics().size(); ++i) {
        values.push_back(row.number(first + static_cast<int>(i)));
        any = any || values.back();
    }
    if (!any) values.clear();
    return values;
}

void read_points(sqlite3* database, const fs::path& file, SweepResults& results) {
    std::string sql = "SELECT number, id, simulation, state, message";
    for (const AxisResult& axis : results.axes) sql += ", " + column(axis.name);
    for (const Metric& metric : metrics()) sql += ", " + column(std::string(metric.name));
    for (const Metric& metric : metrics()) sql += ", " + column(estimate_name(metric));
    Statement rows(database, file, sql + " FROM points ORDER BY number");
    while (rows.next()) {
        PointResult point;
        point.number = rows.count(0);
        point.id = rows.text(1);
        point.simulation = rows.text(2);
        for (const auto& [state, word] : kStates)
            if (rows.text(3) == word) point.state = state;
        point.message = rows.text(4);
        int next = 5;
        for (std::size_t i = 0; i < results.axes.size(); ++i) point.labels.push_back(rows.text(next++));
        point.values = read_values(rows, next);
        point.estimates = read_values(rows, next + static_cast<int>(metrics().size()));
        if (point.state == PointState::done && point.values.empty())
            refuse("{}: point {} is done and has no values", file.string(), point.number);
        results.points.push_back(std::move(point));
    }
}

// --- JSON --------------------------------------------------------------------------------------------------

Json values_json(const std::vector<std::optional<double>>& values) {
    if (values.empty()) return nullptr;
    Json json = Json::object();
    for (std::size_t i = 0; i < metrics().size(); ++i)
        json[std::string(metrics()[i].name)] = values[i] ? Json(*values[i]) : Json(nullptr);
    return json;
}

Json point_json(const SweepResults& results, const PointResult& point) {
    Json places = Json::array();
    for (std::size_t i = 0; i < results.axes.size(); ++i)
        places.push_back(place_of(results.axes[i], point.labels[i]));
    Json components = Json::array();
    for (const ComponentCost& part : point.components)
        components.push_back({{"name", part.name},
                              {"energy_per_image_j", part.energy_per_image_j},
                              {"area_mm2", part.area_mm2}});
    return {{"number", point.number},
            {"id", point.id},
            {"simulation", point.simulation},
            {"labels", point.labels},
            {"places", std::move(places)},
            {"state", state_word(point.state)},
            {"message", point.message},
            {"baseline", point.baseline},
            {"feasible", point.feasible},
            {"front", point.front},
            {"values", values_json(point.values)},
            {"estimates", values_json(point.estimates)},
            {"components", std::move(components)}};
}

}  // namespace

std::string results_csv(const SweepResults& results) {
    std::string text = "number,id,simulation,state,feasible,front";
    for (const AxisResult& axis : results.axes) text += "," + field(axis.name);
    for (const Metric& metric : metrics()) text += "," + std::string(metric.name);
    text += ",message\n";
    for (const PointResult& point : results.points) {
        text += fmt::format("{},{},{},{},{},{}", point.number, point.id, point.simulation,
                            state_word(point.state), point.feasible ? 1 : 0, point.front ? 1 : 0);
        for (const std::string& label : point.labels) text += "," + field(label);
        for (std::size_t i = 0; i < metrics().size(); ++i) text += "," + optional_text(point.values, i);
        text += "," + field(point.message) + "\n";
    }
    return text;
}

std::string results_json(const SweepResults& results) {
    Json json = {{"study", "sweep"},      {"schema", kSchema},          {"version", results.version},
                 {"name", results.name},  {"summary", results.summary}, {"sampling", results.sampling},
                 {"fixed", results.fixed}};
    json["objectives"] = Json::array();
    for (const Objective& objective : results.objectives)
        json["objectives"].push_back({{"metric", std::string(objective.metric->name)},
                                      {"unit", std::string(objective.metric->unit)},
                                      {"better", direction(objective.better)}});
    json["constraints"] = Json::array();
    for (const Constraint& constraint : results.constraints) json["constraints"].push_back(constraint.text);
    json["axes"] = Json::array();
    for (const AxisResult& axis : results.axes) {
        Json effects = Json::array();
        for (const std::optional<Effect>& effect : axis.effects) {
            Json means = Json::array();
            if (effect)
                for (const ValueMean& value : effect->means)
                    means.push_back({{"label", value.label}, {"mean", value.mean}, {"points", value.points}});
            effects.push_back(effect ? Json{{"explained", effect->explained}, {"means", std::move(means)}}
                                     : Json(nullptr));
        }
        json["axes"].push_back({{"name", axis.name},
                                {"scenario", axis.scenario},
                                {"labels", axis.labels},
                                {"effects", std::move(effects)}});
    }
    json["baseline"] = results.baseline ? Json(*results.baseline) : Json(nullptr);
    json["chosen"] = results.chosen ? Json(*results.chosen) : Json(nullptr);
    json["insights"] = insights(results);
    json["estimate_errors"] = Json::array();
    for (const EstimateError& error : estimate_errors(results))
        json["estimate_errors"].push_back({{"metric", std::string(error.metric->name)},
                                           {"points", error.points},
                                           {"median", error.median},
                                           {"largest", error.largest}});
    json["points"] = Json::array();
    for (const PointResult& point : results.points) json["points"].push_back(point_json(results, point));
    return json.dump(1) + "\n";
}

void write_sqlite(const SweepResults& results, const fs::path& file) {
    // SQLite takes an empty file for a new database, so the name is ours before it begins.
    StagedFile staged(file, file.string());
    {
        const Database database = open_database(staged.path(), SQLITE_OPEN_READWRITE);
        // The file is written aside and renamed: a journal would guard what nobody reads yet.
        run(database.get(), file, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
        create_tables(database.get(), file, results);
        fill_tables(database.get(), file, results);
        run(database.get(), file, "COMMIT");
    }
    staged.file().finish();
    std::error_code error;
    fs::rename(staged.path(), file, error);
    if (error) cannot("put in place", file.string(), error.value());
    static_cast<void>(staged.complete());
}

SweepResults read_sqlite(const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) refuse("{}: no such file", file.string());
    const Database database = open_database(file, SQLITE_OPEN_READONLY);
    SweepResults results;
    std::string baseline;
    Statement sweep(database.get(), file, "SELECT key, value FROM sweep");
    while (sweep.next()) {
        const std::string key = sweep.text(0), value = sweep.text(1);
        if (key == "name") results.name = value;
        if (key == "summary") results.summary = value;
        if (key == "version") results.version = value;
        if (key == "sampling") results.sampling = value;
        if (key == "fixed") results.fixed = value;
        if (key == "baseline") baseline = value;
        if (key == "schema" && value != std::to_string(kSchema))
            refuse("{}: this version reads schema {}, the file has {}", file.string(), kSchema, value);
    }
    Statement axes(database.get(), file, "SELECT name, scenario FROM axes ORDER BY place");
    while (axes.next()) results.axes.push_back({axes.text(0), axes.count(1) != 0, {}, {}});
    Statement labels(database.get(), file, "SELECT axis, label FROM labels ORDER BY axis, place");
    while (labels.next()) {
        if (labels.count(0) >= results.axes.size())
            refuse("{}: labels of an axis that is not there", file.string());
        results.axes[labels.count(0)].labels.push_back(labels.text(1));
    }
    Statement objectives(database.get(), file, "SELECT better, metric FROM objectives ORDER BY place");
    while (objectives.next())
        results.objectives.push_back(
            parse_objective(objectives.text(0) + " " + objectives.text(1), file.string()));
    Statement constraints(database.get(), file, "SELECT text FROM constraints ORDER BY place");
    while (constraints.next())
        results.constraints.push_back(parse_constraint(constraints.text(0), file.string()));
    read_points(database.get(), file, results);
    for (std::size_t i = 0; i < results.points.size(); ++i)
        if (std::to_string(results.points[i].number) == baseline) {
            results.baseline = i;
            results.points[i].baseline = true;
        }
    for (const PointResult& point : results.points)
        for (std::size_t i = 0; i < results.axes.size(); ++i)
            if (const auto& known = results.axes[i].labels;
                !known.empty() && std::find(known.begin(), known.end(), point.labels[i]) == known.end())
                refuse("{}: point {}: '{}' is no value of {}", file.string(), point.number, point.labels[i],
                       results.axes[i].name);
    return results;
}

}  // namespace sliver::sweep
