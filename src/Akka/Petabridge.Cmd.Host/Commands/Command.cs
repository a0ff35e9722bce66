namespace Petabridge.Cmd;

/// <summary>A command as it was typed.</summary>
public sealed class Command(string palette, string name, params Tuple<string, string>[] arguments)
{
    public string Palette { get; } = palette;

    public string Name { get; } = name;

    /// <summary>Item 1 the switch as typed (the argument's name where it goes by position), item 2 the value ("" for a flag).</summary>
    public IReadOnlyList<Tuple<string, string>> Arguments { get; } = arguments;

    public override string ToString() =>
        string.Join(
            ' ',
            new[] { Palette, Name }.Concat(
                Arguments.SelectMany(a => new[] { a.Item1, a.Item2 }).Where(t => t.Length > 0)
            )
        );
}
