namespace Petabridge.Cmd;

/// <summary>One argument of a command: given behind one of its switches, or by its position when it has none.</summary>
public sealed class ArgumentDefinition
{
    internal ArgumentDefinition(
        string name,
        string description,
        bool isMandatory,
        bool allowMultiple,
        IReadOnlyCollection<string> switches,
        IReadOnlyCollection<string> defaultValues,
        string? defaultValue
    )
    {
        (Name, Description, IsMandatory, AllowMultiple) = (name, description, isMandatory, allowMultiple);
        (Switch, DefaultValues, DefaultValue) = (switches, defaultValues, defaultValue);
    }

    public string Name { get; }

    public string Description { get; }

    public bool IsMandatory { get; }

    public bool AllowMultiple { get; }

    /// <summary>As the operator types them: -s, --symbol. Empty: the argument is told by its position.</summary>
    public IReadOnlyCollection<string> Switch { get; }

    /// <summary>Values to suggest.</summary>
    public IReadOnlyCollection<string> DefaultValues { get; }

    /// <summary>What holds when it is not given.</summary>
    public string? DefaultValue { get; }
}
