namespace Petabridge.Cmd;

/// <summary>A family of commands under one first word.</summary>
public sealed class CommandPalette
{
    public CommandPalette(string moduleName, IEnumerable<CommandDefinition> definitions)
    {
        ModuleName = moduleName;
        Definitions = [.. definitions];
    }

    /// <summary>The first word that the operator types.</summary>
    public string ModuleName { get; }

    public IReadOnlyList<CommandDefinition> Definitions { get; }
}
