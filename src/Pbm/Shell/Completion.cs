using Petabridge.Cmd.Protocol;

namespace Pbm;

/// <summary>What could come next on a line.</summary>
internal static class Completion
{
    /// <param name="line">As typed so far; its last word, which may be empty, is completed.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<PaletteShape> palettes, string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        var begun = line.Length == 0 || line[^1] == ' ' ? "" : words[^1];
        if (begun.Length > 0)
            words.RemoveAt(words.Count - 1);
        var candidates = words.Count switch
        {
            0 => palettes.Select(p => p.Name).Append("help").Append("exit"),
            1 => palettes.Where(p => p.Name == words[0]).SelectMany(p => p.Commands).Select(c => c.Name),
            _ => Arguments(palettes, words),
        };
        return [.. candidates.Where(c => c.StartsWith(begun, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Arguments(IReadOnlyList<PaletteShape> palettes, List<string> words)
    {
        var command = palettes
            .FirstOrDefault(p => p.Name == words[0])
            ?.Commands.FirstOrDefault(c => c.Name == words[1]);
        if (command is null)
            return [];
        var open = command.Arguments.FirstOrDefault(a =>
            !a.IsFlag && a.Switches.Contains(words[^1], StringComparer.Ordinal)
        );
        return open is not null ? open.Suggestions : command.Arguments.SelectMany(a => a.Switches);
    }
}
