namespace Petabridge.Cmd.Tests;

public sealed class DefinitionTests
{
    [Fact]
    public void Builders_keep_what_they_are_told()
    {
        var command = new CommandDefinitionBuilder()
            .WithName("show")
            .WithDescription("Shows it")
            .WithArgument(a =>
                a.WithName("output")
                    .WithDescription("how")
                    .WithSwitch("-o")
                    .WithSwitch("--output")
                    .WithDefaultValues("table", "json")
                    .WithDefaultValue("table")
                    .IsMandatory(true)
                    .AllowMultiple(true)
            )
            .Build();
        var palette = new CommandPalette("sample", [command]);
        Assert.Equal(("sample", "show", "Shows it"), (palette.ModuleName, command.Name, command.Description));
        Assert.Same(command, Assert.Single(palette.Definitions));
        var argument = Assert.Single(command.Arguments);
        Assert.Same(argument, command.ArgumentsByName["output"]);
        Assert.Equal(("output", "how", "table"), (argument.Name, argument.Description, argument.DefaultValue));
        Assert.True(argument.IsMandatory && argument.AllowMultiple);
        Assert.Equal(["-o", "--output"], argument.Switch);
        Assert.Equal(["table", "json"], argument.DefaultValues);
    }

    [Fact]
    public void Nameless_commands_and_arguments_are_not_built()
    {
        Assert.Throws<InvalidOperationException>(() => new CommandDefinitionBuilder().Build());
        Assert.Throws<InvalidOperationException>(() =>
            new CommandDefinitionBuilder().WithName("show").WithArgument(a => a)
        );
    }

    [Fact]
    public void Switch_without_a_hyphen_is_none() =>
        Assert.Throws<ArgumentException>(() => new ArgumentDefinitionBuilder().WithSwitch("output"));

    [Fact]
    public void Arguments_of_one_name_are_refused() =>
        Assert.Throws<ArgumentException>(() =>
            new CommandDefinitionBuilder()
                .WithName("show")
                .WithArgument(a => a.WithName("x"))
                .WithArgument(a => a.WithName("x"))
                .Build()
        );

    [Fact]
    public void Command_reads_as_it_was_typed() =>
        Assert.Equal(
            "sample echo --tag a --loud",
            new Command("sample", "echo", Tuple.Create("--tag", "a"), Tuple.Create("--loud", "")).ToString()
        );

    [Fact]
    public void Answers_are_final_unless_they_say_otherwise()
    {
        Assert.True(new CommandResponse("x").Final);
        Assert.False(new CommandResponse("x", final: false).Final);
        Assert.True(new ErroredCommandResponse("x").Final);
        Assert.Equal(("", true), (CommandResponse.Empty.Msg, CommandResponse.Empty.Final));
    }
}
