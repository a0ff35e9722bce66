namespace Petabridge.Cmd;

public sealed class ArgumentDefinitionBuilder
{
    private readonly List<string> _switches = [];
    private string[] _defaultValues = [];
    private string? _defaultValue;
    private string _name = "";
    private string _description = "";
    private bool _isMandatory;
    private bool _allowMultiple;

    public ArgumentDefinitionBuilder WithName(string name)
    {
        _name = name;
        return this;
    }

    public ArgumentDefinitionBuilder WithDescription(string description)
    {
        _description = description;
        return this;
    }

    public ArgumentDefinitionBuilder IsMandatory(bool isMandatory)
    {
        _isMandatory = isMandatory;
        return this;
    }

    public ArgumentDefinitionBuilder AllowMultiple(bool allowMultiple)
    {
        _allowMultiple = allowMultiple;
        return this;
    }

    /// <summary>Adds one switch; call it again for another spelling.</summary>
    public ArgumentDefinitionBuilder WithSwitch(string @switch)
    {
        if (!@switch.StartsWith('-'))
            throw new ArgumentException($"'{@switch}' is no switch: it begins with a hyphen", nameof(@switch));
        _switches.Add(@switch);
        return this;
    }

    public ArgumentDefinitionBuilder WithDefaultValues(params string[] values)
    {
        _defaultValues = values;
        return this;
    }

    public ArgumentDefinitionBuilder WithDefaultValue(string value)
    {
        _defaultValue = value;
        return this;
    }

    internal ArgumentDefinition Build() =>
        _name.Length == 0
            ? throw new InvalidOperationException("an argument needs a name")
            : new(_name, _description, _isMandatory, _allowMultiple, _switches, _defaultValues, _defaultValue);
}
