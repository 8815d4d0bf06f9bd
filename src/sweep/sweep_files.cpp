#include "sweep/sweep_files.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/input_file.h"
#include "base/text.h"
#include "results/quantity_text.h"
#include "sweep/screening.h"
#include "sweep/sweep_text.h"

namespace sliver::sweep {
namespace {

namespace fs = std::filesystem;
using OrderedJson = nlohmann::ordered_json;
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

std::string optional_text(const std::vector<std::optional<double>>& values, std::size_t i) {
    return i < values.size() && values[i] ? exact(*values[i]) : std::string();
}

const char* direction(Better better) {
    return better == Better::less ? "min" : "max";
}

// --- SQLite ------------------------------------------------------------------------------------------------

/// What `work` gives. Every call of SQLite goes through here, so that a message names the file and what was
/// read or written.
template <typename Work>
auto checked(const fs::path& file, const char* place, const Work& work) {
    try {
        return work();
    } catch (const SQLite::Exception& error) {
        if (error.getErrorCode() == SQLITE_NOMEM) throw std::bad_alloc();
        if (error.getErrorCode() == SQLITE_INTERRUPT)
            refuse("{}: {}: has no end: the file is no results.sqlite of a sweep", file.string(), place);
        refuse("{}: {}: is not as a sweep of this version leaves it ({})", file.string(), place,
               shown_text(error.what()));
    }
}

struct FreeBytes {
    void operator()(unsigned char* bytes) const { sqlite3_free(bytes); }
};

SQLite::Database in_memory(const fs::path& file) {
    return checked(file, "the database", [] { return SQLite::Database(":memory:", SQLite::OPEN_READWRITE); });
}

class Statement {
  public:
    /// `place`: what the statement reads or writes, for messages.
    Statement(const SQLite::Database& database, const fs::path& file, const char* place,
              const std::string& sql)
        : file_(file),
          place_(place),
          statement_(checked(file, place, [&] { return SQLite::Statement(database, sql); })) {}
    Statement& bind(const std::string& text) { return bound(text); }
    Statement& bind(std::size_t number) { return bound(static_cast<std::int64_t>(number)); }
    Statement& bind(std::optional<double> number) { return number ? bound(*number) : bound(); }
    /// One row written; ready for the next.
    void write() {
        checked(file_, place_, [&] {
            statement_.exec();
            statement_.reset();
        });
        bound_ = 0;
    }
    bool next() {
        return checked(file_, place_, [&] { return statement_.executeStep(); });
    }
    [[nodiscard]] std::string text(int column) const {
        return cleaned(statement_.getColumn(column).getText());
    }
    [[nodiscard]] std::size_t count(int column) const {
        const SQLite::Column value = statement_.getColumn(column);
        if (!value.isInteger() || value.getInt64() < 0)
            refuse_value(column, "must be a whole number, zero or more");
        return static_cast<std::size_t>(value.getInt64());
    }
    [[nodiscard]] std::optional<double> number(int column) const {
        const SQLite::Column value = statement_.getColumn(column);
        if (value.isNull()) return std::nullopt;
        if (!(value.isFloat() || value.isInteger()) || !std::isfinite(value.getDouble()))
            refuse_value(column, "must be a finite number");
        return value.getDouble();
    }
    /// InputError about a value of the row that next() reached.
    [[noreturn]] void refuse_value(int column, const char* rule) const {
        refuse("{}: {}: {}: value {}: {}", file_.string(), place_,
               shown_text(statement_.getColumn(column).getName()), shown_text(text(column)), rule);
    }

  private:
    template <typename... Value>
    Statement& bound(const Value&... value) {
        checked(file_, place_, [&] { statement_.bind(++bound_, value...); });
        return *this;
    }

    const fs::path& file_;
    const char* place_;
    mutable SQLite::Statement statement_;  ///< getColumn() is not const
    int bound_ = 0;
};

/// A name as a column: quoted, whatever is in it.
std::string column(const std::string& name) {
    std::string quoted = "\"";
    for (const char letter : name) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return quoted + "\"";
}

std::string estimate_name(const Metric& metric) {
    return "estimated_" + std::string(metric.name);
}

void create_tables(SQLite::Database& database, const fs::path& file, const SweepResults& results) {
    const auto run = [&](const std::string& sql) {
        checked(file, "its tables", [&] { database.exec(sql); });
    };
    std::string points =
        "CREATE TABLE points (number INTEGER PRIMARY KEY, id TEXT, simulation TEXT, state TEXT, feasible "
        "INTEGER, "
        "front INTEGER, message TEXT";
    for (const AxisResult& axis : results.axes) points += ", " + column(axis.name) + " TEXT";
    for (const Metric& metric : metrics()) points += ", " + column(std::string(metric.name)) + " REAL";
    for (const Metric& metric : metrics()) points += ", " + column(estimate_name(metric)) + " REAL";
    run(points + ")");
    run("CREATE TABLE sweep (key TEXT PRIMARY KEY, value TEXT)");
    run("CREATE TABLE axes (place INTEGER PRIMARY KEY, name TEXT, scenario INTEGER)");
    run("CREATE TABLE labels (axis INTEGER, place INTEGER, label TEXT)");
    run("CREATE TABLE objectives (place INTEGER PRIMARY KEY, metric TEXT, better TEXT)");
    run("CREATE TABLE constraints (place INTEGER PRIMARY KEY, text TEXT)");
    run("CREATE TABLE components (number INTEGER, component TEXT, energy_per_image_j REAL, area_mm2 REAL)");
}

void fill_tables(const SQLite::Database& database, const fs::path& file, const SweepResults& results) {
    Statement sweep(database, file, "table sweep", "INSERT INTO sweep VALUES (?, ?)");
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
    Statement axes(database, file, "table axes", "INSERT INTO axes VALUES (?, ?, ?)");
    Statement labels(database, file, "table labels", "INSERT INTO labels VALUES (?, ?, ?)");
    for (std::size_t i = 0; i < results.axes.size(); ++i) {
        axes.bind(i).bind(results.axes[i].name).bind(std::size_t{results.axes[i].scenario}).write();
        for (std::size_t k = 0; k < results.axes[i].labels.size(); ++k)
            labels.bind(i).bind(k).bind(results.axes[i].labels[k]).write();
    }
    Statement objectives(database, file, "table objectives", "INSERT INTO objectives VALUES (?, ?, ?)");
    for (std::size_t i = 0; i < results.objectives.size(); ++i)
        objectives.bind(i)
            .bind(std::string(results.objectives[i].metric->name))
            .bind(std::string(direction(results.objectives[i].better)))
            .write();
    Statement constraints(database, file, "table constraints", "INSERT INTO constraints VALUES (?, ?)");
    for (std::size_t i = 0; i < results.constraints.size(); ++i)
        constraints.bind(i).bind(results.constraints[i].text).write();

    std::string marks = "?, ?, ?, ?, ?, ?, ?";
    for (std::size_t i = 0; i < results.axes.size() + 2 * metrics().size(); ++i) marks += ", ?";
    Statement points(database, file, "table points", "INSERT INTO points VALUES (" + marks + ")");
    Statement components(database, file, "table components", "INSERT INTO components VALUES (?, ?, ?, ?)");
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

/// Steps of SQLite's machine for each byte of a file; a table is read in fewer than one.
constexpr std::uint64_t kStepsByByte = 20, kFreeSteps = 10'000'000;
constexpr int kStepsAtOnce = 10'000;

/// A file that others may have made, in memory: no journal beside it is looked at, nothing in it runs without
/// end (a view or a trigger could), no value of it is larger than those that a sweep writes. `bytes` must
/// outlive the database.
SQLite::Database open_foreign(std::string& bytes, const fs::path& file) {
    constexpr int kLongestValue = 1 << 20, kMostColumns = 2000;
    constexpr std::string_view kMagic("SQLite format 3\0", 16);
    if (std::string_view(bytes).substr(0, kMagic.size()) != kMagic)
        refuse("{}: is no results.sqlite of a sweep", file.string());
    SQLite::Database opened = in_memory(file);
    sqlite3* const database = opened.getHandle();
    const auto size = static_cast<sqlite3_int64>(bytes.size());
    if (sqlite3_deserialize(database, "main", reinterpret_cast<unsigned char*>(bytes.data()), size, size,
                            SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
        refuse("{}: is no results.sqlite of a sweep", file.string());
    for (const int off :
         {SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_TRUSTED_SCHEMA})
        sqlite3_db_config(database, off, 0, nullptr);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_limit(database, SQLITE_LIMIT_LENGTH, kLongestValue);
    sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, kLongestValue);
    sqlite3_limit(database, SQLITE_LIMIT_COLUMN, kMostColumns);
    return opened;
}

/// Ends statements that take more steps than reading the whole file does.
class StepBudget {
  public:
    StepBudget(sqlite3* database, std::size_t bytes)
        : database_(database), left_((kFreeSteps + kStepsByByte * bytes) / kStepsAtOnce) {
        sqlite3_progress_handler(
            database, kStepsAtOnce,
            [](void* self) { return static_cast<StepBudget*>(self)->left_-- == 0 ? 1 : 0; }, this);
    }
    ~StepBudget() { sqlite3_progress_handler(database_, 0, nullptr, nullptr); }
    StepBudget(const StepBudget&) = delete;
    StepBudget& operator=(const StepBudget&) = delete;

  private:
    sqlite3* database_;
    std::uint64_t left_;
};

/// The tables of a sweep are tables: no views, no virtual tables, no columns that are computed.
void require_tables(const SQLite::Database& database, const fs::path& file) {
    Statement found(database, file, "the list of tables",
                    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name IN "
                    "('points', 'sweep', 'axes', 'labels', 'objectives', 'constraints', 'components')");
    if (!found.next() || found.count(0) != 7)
        refuse("{}: does not hold the tables that a sweep of this version leaves", file.string());
    Statement computed(database, file, "the list of columns",
                       "SELECT count(*) FROM sqlite_schema AS s, pragma_table_xinfo(s.name) AS c "
                       "WHERE s.type = 'table' AND c.hidden != 0");
    if (!computed.next() || computed.count(0) != 0)
        refuse("{}: has computed columns, which no sweep leaves", file.string());
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

void read_points(const SQLite::Database& database, const fs::path& file, SweepResults& results) {
    std::string sql = "SELECT number, id, simulation, state, message";
    for (const AxisResult& axis : results.axes) sql += ", " + column(axis.name);
    for (const Metric& metric : metrics()) sql += ", " + column(std::string(metric.name));
    for (const Metric& metric : metrics()) sql += ", " + column(estimate_name(metric));
    Statement rows(database, file, "table points", sql + " FROM points ORDER BY number");
    while (rows.next()) {
        PointResult point;
        point.number = rows.count(0);
        point.id = rows.text(1);
        point.simulation = rows.text(2);
        const std::string word = rows.text(3);
        const auto state = std::find_if(kStates.begin(), kStates.end(),
                                        [&](const auto& known) { return known.second == word; });
        if (state == kStates.end()) rows.refuse_value(3, "is no state of a point");
        point.state = state->first;
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

OrderedJson values_json(const std::vector<std::optional<double>>& values) {
    if (values.empty()) return nullptr;
    OrderedJson json = OrderedJson::object();
    for (std::size_t i = 0; i < metrics().size(); ++i)
        json[std::string(metrics()[i].name)] = values[i] ? OrderedJson(*values[i]) : OrderedJson(nullptr);
    return json;
}

OrderedJson point_json(const SweepResults& results, const PointResult& point) {
    OrderedJson places = OrderedJson::array();
    for (std::size_t i = 0; i < results.axes.size(); ++i)
        places.push_back(place_of(results.axes[i], point.labels[i]));
    OrderedJson components = OrderedJson::array();
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

/// What the points are judged by.
void add_question(OrderedJson& json, const SweepResults& results) {
    json["objectives"] = OrderedJson::array();
    for (const Objective& objective : results.objectives)
        json["objectives"].push_back({{"metric", std::string(objective.metric->name)},
                                      {"unit", std::string(objective.metric->unit)},
                                      {"better", direction(objective.better)}});
    json["constraints"] = OrderedJson::array();
    for (const Constraint& constraint : results.constraints) json["constraints"].push_back(constraint.text);
}

std::string document(const OrderedJson& json) {
    return json.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace

std::string results_csv(const SweepResults& results) {
    std::string text = "number,id,simulation,state,feasible,front";
    for (const AxisResult& axis : results.axes) text += "," + csv_text(axis.name);
    for (const Metric& metric : metrics()) text += "," + std::string(metric.name);
    text += ",message\n";
    for (const PointResult& point : results.points) {
        text += fmt::format("{},{},{},{},{},{}", point.number, point.id, point.simulation,
                            state_word(point.state), point.feasible ? 1 : 0, point.front ? 1 : 0);
        for (const std::string& label : point.labels) text += "," + csv_text(label);
        for (std::size_t i = 0; i < metrics().size(); ++i) text += "," + optional_text(point.values, i);
        text += "," + csv_text(point.message) + "\n";
    }
    return text;
}

std::string results_json(const SweepResults& results) {
    OrderedJson json = {{"study", "sweep"},      {"schema", kSchema},          {"version", results.version},
                        {"name", results.name},  {"summary", results.summary}, {"sampling", results.sampling},
                        {"fixed", results.fixed}};
    add_question(json, results);
    json["axes"] = OrderedJson::array();
    for (const AxisResult& axis : results.axes) {
        OrderedJson effects = OrderedJson::array();
        for (const std::optional<Effect>& effect : axis.effects) {
            OrderedJson means = OrderedJson::array();
            if (effect)
                for (const ValueMean& value : effect->means)
                    means.push_back({{"label", value.label}, {"mean", value.mean}, {"points", value.points}});
            effects.push_back(effect
                                  ? OrderedJson{{"explained", effect->explained}, {"means", std::move(means)}}
                                  : OrderedJson(nullptr));
        }
        json["axes"].push_back({{"name", axis.name},
                                {"scenario", axis.scenario},
                                {"labels", axis.labels},
                                {"effects", std::move(effects)}});
    }
    json["baseline"] = results.baseline ? OrderedJson(*results.baseline) : OrderedJson(nullptr);
    json["chosen"] = results.chosen ? OrderedJson(*results.chosen) : OrderedJson(nullptr);
    json["insights"] = insights(results);
    json["estimate_errors"] = OrderedJson::array();
    for (const EstimateError& error : estimate_errors(results))
        json["estimate_errors"].push_back({{"metric", std::string(error.metric->name)},
                                           {"points", error.points},
                                           {"median", error.median},
                                           {"largest", error.largest}});
    json["points"] = OrderedJson::array();
    for (const PointResult& point : results.points) json["points"].push_back(point_json(results, point));
    return document(json);
}

std::string front_json(const SweepResults& results) {
    const auto number_of = [&](const std::optional<std::size_t>& place) {
        return place ? OrderedJson(results.points[*place].number) : OrderedJson(nullptr);
    };
    OrderedJson json = {{"version", results.version}, {"name", results.name}, {"fixed", results.fixed}};
    add_question(json, results);
    json["axes"] = OrderedJson::array();
    for (const AxisResult& axis : results.axes)
        json["axes"].push_back({{"name", axis.name}, {"scenario", axis.scenario}});
    json["feasible"] = std::count_if(results.points.begin(), results.points.end(),
                                     [](const PointResult& point) { return point.feasible; });
    json["baseline"] = number_of(results.baseline);
    json["chosen"] = number_of(results.chosen);
    json["points"] = OrderedJson::array();
    for (const std::size_t place : results.front()) {
        json["points"].push_back(point_json(results, results.points[place]));
        json["points"].back().erase(
            "components");  // results.sqlite keeps them in a table that is not read here
    }
    return document(json);
}

std::string results_sqlite(const SweepResults& results) {
    const fs::path name = "results.sqlite";
    SQLite::Database database = in_memory(name);
    checked(name, "the database", [&] {
        SQLite::Transaction all(database);
        create_tables(database, name, results);
        fill_tables(database, name, results);
        all.commit();
    });
    sqlite3_int64 size = 0;
    const std::unique_ptr<unsigned char, FreeBytes> bytes(
        sqlite3_serialize(database.getHandle(), "main", &size, 0));
    if (bytes == nullptr) throw std::bad_alloc();
    return {reinterpret_cast<const char*>(bytes.get()), static_cast<std::size_t>(size)};
}

SweepResults read_sqlite(const fs::path& file) {
    return read_sqlite_bytes(read_file(file, kResultFile), file);
}

SweepResults read_sqlite_bytes(std::string bytes, const fs::path& file) {
    const SQLite::Database database = open_foreign(bytes, file);
    const StepBudget budget(database.getHandle(), bytes.size());
    require_tables(database, file);
    SweepResults results;
    std::string baseline;
    Statement sweep(database, file, "table sweep", "SELECT key, value FROM sweep");
    while (sweep.next()) {
        const std::string key = sweep.text(0), value = sweep.text(1);
        if (key == "name") results.name = value;
        if (key == "summary") results.summary = value;
        if (key == "version") results.version = value;
        if (key == "sampling") results.sampling = value;
        if (key == "fixed") results.fixed = value;
        if (key == "baseline") baseline = value;
        if (key == "schema" && value != std::to_string(kSchema))
            refuse("{}: this version reads schema {}, the file has {}", file.string(), kSchema,
                   shown_text(value));
    }
    Statement axes(database, file, "table axes", "SELECT name, scenario FROM axes ORDER BY place");
    while (axes.next()) results.axes.push_back({axes.text(0), axes.count(1) != 0, {}, {}});
    Statement labels(database, file, "table labels", "SELECT axis, label FROM labels ORDER BY axis, place");
    while (labels.next()) {
        if (labels.count(0) >= results.axes.size())
            refuse("{}: labels of an axis that is not there", file.string());
        results.axes[labels.count(0)].labels.push_back(labels.text(1));
    }
    Statement objectives(database, file, "table objectives",
                         "SELECT better, metric FROM objectives ORDER BY place");
    while (objectives.next())
        results.objectives.push_back(
            parse_objective(objectives.text(0) + " " + objectives.text(1), file.string()));
    Statement constraints(database, file, "table constraints", "SELECT text FROM constraints ORDER BY place");
    while (constraints.next())
        results.constraints.push_back(parse_constraint(constraints.text(0), file.string()));
    read_points(database, file, results);
    for (std::size_t i = 0; i < results.points.size(); ++i)
        if (std::to_string(results.points[i].number) == baseline) {
            results.baseline = i;
            results.points[i].baseline = true;
        }
    for (std::size_t i = 0; i < results.axes.size(); ++i) {
        const std::set<std::string> known(results.axes[i].labels.begin(), results.axes[i].labels.end());
        for (const PointResult& point : results.points)
            if (!known.empty() && known.count(point.labels[i]) == 0)
                refuse("{}: point {}: '{}' is no value of {}", file.string(), point.number,
                       shown_text(point.labels[i]), shown_text(results.axes[i].name));
    }
    return results;
}

}  // namespace sliver::sweep
