using System.Globalization;
using System.Text.Json.Serialization;
using Hatchery.Devices;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>`pbm farm history`: who did what.</summary>
internal sealed class FarmHistory(Farm farm, HistoryLog log)
{
    /// <summary>More would not fit an answer.</summary>
    private const int CountMax = 10_000;

    private const string Count = "50";

    // Not "by": pbm would fill in who asks.
    private const string Who = "who";

    public static CommandDefinition Definition { get; } =
        new CommandDefinitionBuilder()
            .WithName("history")
            .WithDescription(
                "Shows the commands that changed something, the latest last: who gave them, where, and what became of them"
            )
            .WithArgument(a =>
                a.WithName("device").WithDescription("only those that name this device").WithSwitch("--device")
            )
            .WithArgument(a =>
                a.WithName("vdisk").WithDescription("only those that name this vDisk").WithSwitch("--vdisk")
            )
            .WithArgument(a =>
                a.WithName(Who).WithDescription("only what he gave, with or without @host").WithSwitch("--by")
            )
            .WithArgument(a =>
                a.WithName("since")
                    .WithDescription("only from then on: 2026-12-24T03:00 (UTC), or how long ago: 45m, 12h, 30d")
                    .WithSwitch("--since")
            )
            .WithArgument(a =>
                a.WithName("until").WithDescription("only from before then, likewise").WithSwitch("--until")
            )
            .WithArgument(a =>
                a.WithName("limit")
                    .WithDescription($"so many, the latest of them, 1 to {CountMax}")
                    .WithSwitch("--limit")
                    .WithDefaultValue(Count)
            )
            .WithOutput()
            .Build();

    public async Task<CommandResponse> RunAsync(CommandArguments a)
    {
        if (
            !TryReadTime(a, "since", out var since, out var wrong) || !TryReadTime(a, "until", out var until, out wrong)
        )
            return wrong;
        var text = a.ArgumentValues("limit").First();
        if (
            !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            || limit is < 1 or > CountMax
        )
            return new ErroredCommandResponse($"--limit takes 1 to {CountMax}, not '{text}'");
        var about = new List<IReadOnlyList<string>>();
        if (a.Optional("device") is { } device)
            about.Add(Subjects.Device(device, farm.View.Current));
        if (a.Optional("vdisk") is { } vDisk)
            about.Add(Subjects.VDisk(vDisk, farm.View.Current));
        if (about.Exists(words => words.Count == 0))
            return new ErroredCommandResponse("--device and --vdisk take a name or an id");
        // One more than is shown, to know whether there are more.
        var found = await log.ReadAsync(new(about, a.Optional(Who), since, until, limit + 1));
        IReadOnlyList<HistoryCommandRow> rows = [.. found.TakeLast(limit).Select(HistoryCommandRow.Of)];
        return a.Print(
            rows,
            HistoryJson.Default.IReadOnlyListHistoryCommandRow,
            shown => found.Count > limit ? $"{Older(shown[0].At)}\n{Describe(shown)}" : Describe(shown)
        );
    }

    private bool TryReadTime(CommandArguments a, string name, out DateTimeOffset? at, out CommandResponse wrong)
    {
        (at, wrong) = (null, new CommandResponse(""));
        if (a.Optional(name) is not { } text)
            return true;
        if (Clock.TryParse(text, out TimeSpan ago))
            at = farm.Services.Time.GetUtcNow() - ago;
        else if (Clock.TryParse(text, out DateTimeOffset then))
            at = then;
        wrong = new ErroredCommandResponse(
            $"'{text}' is no time: 2026-12-24T03:00 is UTC, 12h is twelve hours ago (s, m, h, d)"
        );
        return at is not null;
    }

    /// <summary>To the tick, as this one is shown already.</summary>
    private static string Older(DateTimeOffset first) =>
        string.Create(CultureInfo.InvariantCulture, $"there are older ones: --until {first.UtcDateTime:O}");

    private static string Describe(IReadOnlyList<HistoryCommandRow> rows) =>
        Table.Of(
            ["TIME (UTC)", "BY", "SERVER", "OUTCOME", "COMMAND"],
            rows.Select(r =>
                (IReadOnlyList<string>)
                    [
                        Clock.Text(r.At),
                        r.By ?? "-",
                        r.Server,
                        r.Outcome,
                        r.Detail is { } why ? $"{r.Command}: {why}" : r.Command,
                    ]
            )
        );
}

/// <param name="By">Null: nobody said.</param>
/// <param name="Outcome">done, failed, ended or under-way.</param>
/// <param name="Detail">Why it failed.</param>
internal sealed record HistoryCommandRow(
    DateTimeOffset At,
    string? By,
    string Server,
    string Command,
    string Outcome,
    string? Detail
)
{
    public static HistoryCommandRow Of(HistoryRow row) =>
        new(row.At, NullIfEmpty(row.By), row.Server, row.Command, row.Outcome, NullIfEmpty(row.Detail));

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<HistoryCommandRow>))]
internal sealed partial class HistoryJson : JsonSerializerContext;
