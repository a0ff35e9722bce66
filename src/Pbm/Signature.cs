using Petabridge.Cmd.Protocol;

namespace Pbm;

/// <summary>
/// Who gives a command, for those that ask: the user who runs pbm and the host where it runs, unless the words say otherwise.
/// </summary>
internal static class Signature
{
    /// <summary>The argument, by which it is told from others that are switched by --by too.</summary>
    private const string Name = "by";

    private const string Switch = "--by";

    public static string Own { get; } = $"{Environment.UserName}@{Environment.MachineName}";

    public static IReadOnlyList<string> Under(IReadOnlyList<string> words, IReadOnlyList<PaletteShape> palettes) =>
        words.Count >= 2
        && palettes.FirstOrDefault(p => p.Name == words[0])?.Commands.FirstOrDefault(c => c.Name == words[1])
            is { } command
        && command.Arguments.Any(a => a.Name == Name && a.Switches.Contains(Switch, StringComparer.Ordinal))
        && !words.Any(w => w == Switch || w.StartsWith($"{Switch}=", StringComparison.Ordinal))
            ? [.. words, $"{Switch}={Own}"]
            : words;
}
