using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class TextRequestTests(ITestOutputHelper output) : FixedWireFacts<TextRequest>(output)
{
    protected override TextRequest Example =>
        new(true, true, false, 9, 0x0102030405060708, 0xaabbccdd, 0x11, 0xb1, 0xb2);

    protected override string ExampleHex =>
        "44 80 0000 00 000009 0102030405060708 aabbccdd 00000011 000000b1 000000b2 00000000000000000000000000000000";
}
