using System.Text;
using Petabridge.Cmd.Protocol;

namespace Pbm;

/// <summary>What the palettes of a host say of themselves.</summary>
internal static class Help
{
    public const string Usage = """
        pbm [HOST:PORT]                  opens a shell (default 127.0.0.1:9110)
        pbm [HOST:PORT] PALETTE COMMAND  runs one command
        pbm [HOST:PORT] help             lists what the host offers
        pbm [HOST:PORT] PALETTE help     says more of one palette

        In a script: exit code 0 done, 1 the command failed, 2 usage, 3 cannot connect. Most lists take -o json.
        """;

    /// <param name="words">[], [palette] or [palette, command].</param>
    public static string For(IReadOnlyList<PaletteShape> palettes, IReadOnlyList<string> words)
    {
        var text = new StringBuilder();
        foreach (var palette in palettes.Where(p => words.Count == 0 || p.Name == words[0]))
        foreach (var command in palette.Commands.Where(c => words.Count < 2 || c.Name == words[1]))
        {
            text.Append(palette.Name).Append(' ').Append(command.Name);
            foreach (var argument in command.Arguments.Where(a => words.Count > 0 || a.IsMandatory))
                text.Append(' ').Append(Synopsis(argument));
            text.Append("\n    ").Append(command.Description).Append('\n');
            foreach (var argument in command.Arguments.Where(_ => words.Count > 0))
                text.Append("      ")
                    .Append(Names(argument).PadRight(24))
                    .Append(argument.Description)
                    .Append(Extra(argument))
                    .Append('\n');
        }
        return text.ToString().TrimEnd();
    }

    /// <summary>Prints help on some words; those that the host does not know are a usage error.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> PrintAsync(
        IReadOnlyList<PaletteShape> palettes,
        IReadOnlyList<string> words,
        TextWriter output
    )
    {
        if (For(palettes, words) is { Length: > 0 } help)
        {
            await output.WriteLineAsync(help);
            return ExitCode.Done;
        }
        await Console.Error.WriteLineAsync($"nothing is known of '{string.Join(' ', words)}'; try help");
        return ExitCode.Usage;
    }

    private static string Synopsis(ArgumentShape a)
    {
        var name = a.Name.ToUpperInvariant();
        var form =
            a.Switches.Count == 0 ? name
            : a.IsFlag ? a.Switches[^1]
            : $"{a.Switches[^1]} {name}";
        return (a.IsMandatory ? form : $"[{form}]") + (a.AllowMultiple ? "..." : "");
    }

    private static string Names(ArgumentShape a) =>
        a.Switches.Count == 0 ? a.Name.ToUpperInvariant() : string.Join(", ", a.Switches);

    private static string Extra(ArgumentShape a) =>
        (a.Suggestions.Count > 0 && !a.IsFlag ? $" ({string.Join(" | ", a.Suggestions)})" : "")
        + (a.Default is { } value ? $" [{value}]" : "");
}
