"""The official schema of Facturae, and the offices of an invented public body."""

from functools import cache
from importlib.resources import files

from lxml import etree

from loaders.facturae.parties import AdministrativeCentre, CentreRole
from loaders.invoice_parts import Address
from tests.support.shared_data import shared_data_folder

CENTRES = (
    AdministrativeCentre(CentreRole.PROCESSING_UNIT, "L01461458"),
    AdministrativeCentre(CentreRole.ACCOUNTING_OFFICE, "L01461458"),
    AdministrativeCentre(
        CentreRole.MANAGING_BODY,
        "LA0001234",
        Address("Plaça de la Seu, 1", "46800", "Xàtiva", "València"),
    ),
)


class SignatureSchema(etree.Resolver):
    """Gives the schema of signatures that signxml ships in place of its address."""

    def resolve(self, system_url: str, _public_id: str | None, context: object) -> object:
        if not system_url.endswith("xmldsig-core-schema.xsd"):
            return None
        content = files("signxml").joinpath("schemas/xmldsig-core-schema.xsd").read_bytes()
        body = content[content.index(b"<schema") :]
        return self.resolve_string(body, context)


@cache
def facturae_schema() -> etree.XMLSchema:
    path = shared_data_folder() / "formats/facturae/schema/facturaev3_2_2.xsd"
    parser = etree.XMLParser(no_network=True, load_dtd=False)
    parser.resolvers.add(SignatureSchema())
    return etree.XMLSchema(etree.parse(path, parser))


def check_by_schema(xml: bytes) -> None:
    schema = facturae_schema()
    schema.assertValid(etree.fromstring(xml))
