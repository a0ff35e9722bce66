namespace Hatchery.Operations;

/// <summary>Columns of text for people; scripts ask for JSON.</summary>
internal static class Table
{
    public static string Of(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        var lines = rows.Prepend(head).ToArray();
        var widths = head.Select((_, column) => lines.Max(line => line[column].Length)).ToArray();
        return string.Join(
            '\n',
            lines.Select(line =>
                string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()
            )
        );
    }

    /// <summary>One thing: a name and a value a line.</summary>
    public static string Of(IEnumerable<(string Name, string Value)> fields)
    {
        var lines = fields.ToArray();
        var width = lines.Max(l => l.Name.Length);
        return string.Join('\n', lines.Select(l => $"{l.Name.PadRight(width)}  {l.Value}".TrimEnd()));
    }
}
