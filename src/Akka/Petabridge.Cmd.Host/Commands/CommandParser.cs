namespace Petabridge.Cmd;

/// <summary>Turns the words behind a palette's name into a command, by the palette's definitions.</summary>
public sealed class CommandParser(CommandPalette palette)
{
    /// <param name="words">The command's name and its arguments.</param>
    /// <param name="error">What is wrong with them; null when the command is whole.</param>
    internal bool TryParse(IReadOnlyList<string> words, out Command command, out string? error)
    {
        var name = words.Count > 0 ? words[0] : "";
        command = new(palette.ModuleName, name);
        var definition = palette.Definitions.FirstOrDefault(d => d.Name == name);
        if (definition is null)
        {
            error =
                words.Count == 0
                    ? $"{palette.ModuleName} needs a command: {Names()}"
                    : $"{palette.ModuleName} has no command '{words[0]}': {Names()}";
            return false;
        }
        var arguments = new List<Tuple<string, string>>();
        error = Collect(definition, words, arguments) ?? Missing(definition, arguments);
        command = new(palette.ModuleName, definition.Name, [.. arguments]);
        return error is null;
    }

    private string Names() => string.Join(", ", palette.Definitions.Select(d => d.Name));

    private static string? Collect(
        CommandDefinition definition,
        IReadOnlyList<string> words,
        List<Tuple<string, string>> arguments
    )
    {
        var positional = new Queue<ArgumentDefinition>(definition.Arguments.Where(a => a.Switch.Count == 0));
        for (var i = 1; i < words.Count; i++)
        {
            var word = words[i];
            if (word.StartsWith('-') && word.Length > 1)
            {
                var cut = word.StartsWith("--", StringComparison.Ordinal)
                    ? word.IndexOf('=', StringComparison.Ordinal)
                    : -1;
                var typed = cut < 0 ? word : word[..cut];
                if (definition.Arguments.FirstOrDefault(a => a.IsGivenAs(typed)) is not { } argument)
                    return $"{definition.Name} has no switch '{typed}'";
                if (!argument.AllowMultiple && arguments.Any(a => argument.IsGivenAs(a.Item1)))
                    return $"{typed} is given twice";
                if (cut >= 0 && argument.IsFlag())
                    return $"{typed} takes no value";
                if (cut >= 0)
                    arguments.Add(Tuple.Create(typed, word[(cut + 1)..]));
                else if (argument.IsFlag())
                    arguments.Add(Tuple.Create(typed, "true"));
                else if (++i < words.Count)
                    arguments.Add(Tuple.Create(typed, words[i]));
                else
                    return $"{typed} needs a value";
            }
            else if (positional.TryPeek(out var next))
            {
                arguments.Add(Tuple.Create(next.Name, word));
                if (!next.AllowMultiple)
                    positional.Dequeue();
            }
            else
            {
                return $"{definition.Name} does not take '{word}'";
            }
        }
        return null;
    }

    private static string? Missing(CommandDefinition definition, List<Tuple<string, string>> given) =>
        definition
            .Arguments.Where(a => a.IsMandatory && a.DefaultValue is null)
            .FirstOrDefault(a => !given.Exists(g => a.IsGivenAs(g.Item1)))
            is { } missing
            ? $"{definition.Name} needs {missing.Name}: {missing.Description}"
            : null;
}
