namespace Petabridge.Cmd;

/// <summary>A command's arguments by the names of their definitions.</summary>
public sealed class CommandArguments
{
    private readonly Command _command;
    private readonly CommandDefinition _definition;

    internal CommandArguments(Command command, CommandDefinition definition) =>
        (_command, _definition) = (command, definition);

    /// <summary>Every value given, or the default one, or none.</summary>
    public IEnumerable<string> ArgumentValues(string name)
    {
        var argument = _definition.ArgumentsByName[name];
        var given = _command.Arguments.Where(a => argument.IsGivenAs(a.Item1)).Select(a => a.Item2).ToArray();
        return given.Length > 0 || argument.DefaultValue is null ? given : [argument.DefaultValue];
    }
}
