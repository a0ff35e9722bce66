namespace Petabridge.Cmd;

public sealed class CommandDefinitionBuilder
{
    private readonly List<ArgumentDefinition> _arguments = [];
    private string _name = "";
    private string _description = "";

    public CommandDefinitionBuilder WithName(string name)
    {
        _name = name;
        return this;
    }

    public CommandDefinitionBuilder WithDescription(string description)
    {
        _description = description;
        return this;
    }

    public CommandDefinitionBuilder WithArgument(Func<ArgumentDefinitionBuilder, ArgumentDefinitionBuilder> argument)
    {
        _arguments.Add(argument(new()).Build());
        return this;
    }

    public CommandDefinition Build() =>
        _name.Length == 0
            ? throw new InvalidOperationException("a command needs a name")
            : new(_name, _description, [.. _arguments]);
}
