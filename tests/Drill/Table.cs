using System.Globalization;

namespace Drill;

/// <summary>The rows for people, each as it comes.</summary>
internal static class Table
{
    public static string Header { get; } =
        $"{"FAULT", -18}{"SERVER", -12}{"MACHINE", -11}{"BY", -10}{"ITS", -22}{"BASE", 6}{"STALL", 8}{"MENDING", 9}{"PROMISED", 10}{"ERRORS", 8}{"LOST", 6}{"BUSY", 6}  VERDICT";

    public static string Line(Row row) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Fault + " " + row.Round, -18}{Servers(row), -12}{row.Machine, -11}{row.Kind, -10}{row.Role, -22}{row.BaselineMs, 6:0}{row.StallMs, 8:0}{row.MendingMs, 9:0}{Promise(row), 10}{row.Errors, 8}{row.Lost, 6}{row.BusyPercent, 5}%  {Word(row)}{(row.Note.Length == 0 ? "" : ": " + row.Note)}"
        );

    private static string Servers(Row row) =>
        row.Servers.Count switch
        {
            0 => "-",
            > 2 => "all",
            _ => string.Join('+', row.Servers),
        };

    private static string Promise(Row row) =>
        row.PromiseMs is { } promise ? promise.ToString("0", CultureInfo.InvariantCulture) : "-";

    private static string Word(Row row) =>
        row.Verdict == Verdict.Broken ? "BROKEN" : row.Verdict.ToString().ToLowerInvariant();
}
