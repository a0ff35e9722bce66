namespace Petabridge.Cmd;

/// <summary>A command of a palette: what the operator types behind the palette's name.</summary>
public sealed class CommandDefinition
{
    internal CommandDefinition(string name, string description, IReadOnlyList<ArgumentDefinition> arguments)
    {
        (Name, Description, Arguments) = (name, description, arguments);
        ArgumentsByName = arguments.ToDictionary(a => a.Name, StringComparer.Ordinal);
    }

    public string Name { get; }

    public string Description { get; }

    public IReadOnlyList<ArgumentDefinition> Arguments { get; }

    public IReadOnlyDictionary<string, ArgumentDefinition> ArgumentsByName { get; }
}
