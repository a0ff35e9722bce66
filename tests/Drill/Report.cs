using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drill;

internal enum Verdict
{
    /// <summary>What is promised was kept.</summary>
    Kept,

    /// <summary>A stall is longer than promised, on a machine that is too busy to tell: stalls without a fault are long too.</summary>
    Unclear,

    /// <summary>A promise was broken.</summary>
    Broken,
}

/// <summary>One machine during one fault.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Servers">Those that the fault hit.</param>
/// <param name="Role">What these were to the machine: streams, mirrors, keeps, with commas.</param>
/// <param name="BaselineMs">The longest stall in the seconds before.</param>
/// <param name="StallMs">The longest from the fault until it was mended.</param>
/// <param name="MendingMs">The longest while and after it was mended.</param>
/// <param name="PromiseMs">What is promised for both; null: no time.</param>
/// <param name="Errors">Requests that failed.</param>
/// <param name="Lost">Blocks that do not hold what was acknowledged; of those <paramref name="FlushedLost"/> by a flush.</param>
/// <param name="Survived">It went on before what was broken was mended; null: it was not to.</param>
/// <param name="CameBack">It went on in the end.</param>
/// <param name="BusyPercent">Of the processors, from the fault until it was mended.</param>
/// <param name="Note">What else is to be said.</param>
internal sealed record Row(
    string Fault,
    int Round,
    IReadOnlyList<string> Servers,
    string Machine,
    string Kind,
    string Role,
    double BaselineMs,
    double StallMs,
    double MendingMs,
    double? PromiseMs,
    int Errors,
    int Lost,
    int FlushedLost,
    bool? Survived,
    bool CameBack,
    int BusyPercent,
    Verdict Verdict,
    string Note
);

/// <param name="Skipped">Faults that could not be aimed at any machine.</param>
internal sealed record Report(
    int Seed,
    int Servers,
    int Processors,
    string LoadBefore,
    string LoadAfter,
    IReadOnlyList<Row> Rows,
    IReadOnlyList<string> Skipped
)
{
    public int Count(Verdict verdict) => Rows.Count(r => r.Verdict == verdict);

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.Report);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true
)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportJson : JsonSerializerContext;
