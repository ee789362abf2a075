"""Given and family names, languages and zones by region, for people who do not exist."""

from dataclasses import dataclass
from typing import Final

Weighted = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Region:
    """`weight` is the share of the academy; `languages` are comma-separated ISO 639-1 sets with weights."""

    weight: int
    given: tuple[str, ...]
    family: tuple[str, ...]
    languages: Weighted
    zones: Weighted


def _region(weight: int, *, given: str, family: str, languages: Weighted, zones: Weighted) -> Region:
    """A region from names separated by spaces; an underscore stands for a space within a name."""
    return Region(weight, _names(given), _names(family), languages, zones)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.replace("_", " ") for name in text.split())


REGIONS: Final = (
    _region(
        16,
        given="""Olivia Marcus Hannah Tyrone Grace Caleb Madison Andre Natalie Wesley Brooke Darnell Heather
        Logan Audrey Trevor Simone Garrett Paige Malcolm Erin Dustin Jasmine Clayton Abigail Spencer
        Renée Zachary Colleen Brandon Naomi Preston""",
        family="""Whitfield Johnson Delgado-Reed Carter Brennan Washington Hughes Sorensen Mitchell Fontenot
        Hawkins Dawson Tremblay MacLeod Gagnon Ellsworth Parrish Beaumont Coleman Jeffries Lindqvist
        Sutherland Bouchard Kowalczyk Abernathy Hollis Winslow Pruitt Vasquez Redbird Yazzie
        Thibodeaux""",
        languages=(("en", 12), ("en,es", 4), ("en,fr", 3)),
        zones=(
            ("America/New_York", 9),
            ("America/Chicago", 6),
            ("America/Denver", 3),
            ("America/Los_Angeles", 7),
            ("America/Phoenix", 1),
            ("America/Toronto", 4),
            ("America/Vancouver", 2),
            ("America/Halifax", 1),
            ("America/St_Johns", 1),
        ),
    ),
    _region(
        11,
        given="""Sofía Mateo Valentina Santiago Camila Nicolás Lucía Andrés Ximena Joaquín Renata Emiliano
        Paula Tomás Gabriela Facundo Inés Rodrigo Marisol Gonzalo Daniela Íñigo Carolina Esteban
        Belén Ramón Noelia Álvaro Jimena Hernán Rocío Cristóbal""",
        family="""García Hernández Quispe Muñoz Rodríguez Ibáñez Cárdenas Peña Zambrano Ordóñez Villalobos
        Núñez Salazar Echeverría Figueroa Ríos Castañeda Bustamante Alarcón Urrutia Mendoza Aguirre
        Ledesma Montaño Pacheco Velázquez Sepúlveda Guzmán Arriaga Córdoba Lozano Barrientos""",
        languages=(("es", 3), ("es,en", 9), ("es,pt", 1)),
        zones=(
            ("America/Mexico_City", 7),
            ("America/Bogota", 5),
            ("America/Lima", 3),
            ("America/Santiago", 3),
            ("America/Argentina/Buenos_Aires", 4),
            ("Europe/Madrid", 5),
        ),
    ),
    _region(
        8,
        given="""João Beatriz Thiago Letícia Mariana Caio Luísa Otávio Débora Vinícius Raíssa Gustavo Antônia
        Murilo Flávia Henrique Conceição Davi Lívia Sérgio Yasmin Leandro Tainá Bruno Inácio Vitória
        Rui Margarida Duarte Matilde Afonso Catarina""",
        family="""Silva Araújo Gonçalves Nogueira Simões Cavalcanti Magalhães Teixeira Brandão Figueiredo
        Moraes Assunção Barros Vasconcelos Guimarães Pinheiro Queirós Siqueira Falcão Ramalho
        Bragança Esteves Galvão Carvalho Patrício Noronha Leitão Azevedo Sampaio Távora Mourão
        Seixas""",
        languages=(("pt", 3), ("pt,en", 8), ("pt,es,en", 2)),
        zones=(
            ("America/Sao_Paulo", 9),
            ("America/Manaus", 2),
            ("America/Fortaleza", 2),
            ("Europe/Lisbon", 4),
        ),
    ),
    _region(
        9,
        given="""Niamh Alistair Siân Callum Imogen Rhys Freya Declan Poppy Fergus Bronwen Angus Róisín Nigel
        Eilidh Oisín Harriet Gareth Maeve Rory Tamsin Conor Agnes Ewan Seren Lachlan Cerys Dermot
        Isla Hamish Orla Crispin""",
        family="""O'Sullivan Ashworth Llewellyn McAllister Pemberton Byrne Davies Hargreaves Fitzgerald
        Campbell Thornton Morgan Gallagher Blackwood Sinclair O'Rourke Fairclough Ní_Bhriain
        Pritchard Wetherby Lennox Mac_Cárthaigh Rowntree Cadwallader Kinsella Holloway Drummond Pugh
        Tully Winterbourne Hennessy Marsh""",
        languages=(("en", 12), ("en,fr", 2), ("en,cy", 1), ("en,ga", 1)),
        zones=(
            ("Europe/London", 9),
            ("Europe/Dublin", 4),
            ("Australia/Sydney", 4),
            ("Australia/Adelaide", 1),
            ("Australia/Perth", 1),
            ("Pacific/Auckland", 3),
            ("Pacific/Chatham", 1),
        ),
    ),
    _region(
        9,
        given="""Jürgen Anneliese Lukas Greta Matthias Käthe Florian Liesel Björn Annika Søren Astrid Mikkel
        Åsa Torbjørn Sigrid Henrik Maël Élodie Baptiste Chloé Thibault Margaux Rémi Anaïs Joost
        Femke Sander Marieke Jürg Ursina Aino""",
        family="""Müller Schäfer Weiß Köhler Großmann Brandt Lindström Åkesson Sørensen Kjærgaard Bjørnstad
        Håkansson Lefèvre Dubois Chevalier Béranger Moreau Gauthier van_der_Berg de_Vries Janssen
        Vermeulen Hofstetter Zürcher Virtanen Mäkinen Kallas Jónsdóttir Böhm Dörfler Fontaine
        Lachapelle""",
        languages=(
            ("de,en", 7),
            ("fr,en", 6),
            ("nl,en", 3),
            ("sv,en", 2),
            ("da,en", 1),
            ("fi,en", 1),
            ("fr", 1),
        ),
        zones=(
            ("Europe/Berlin", 7),
            ("Europe/Paris", 6),
            ("Europe/Amsterdam", 3),
            ("Europe/Zurich", 2),
            ("Europe/Stockholm", 2),
            ("Europe/Copenhagen", 1),
            ("Europe/Helsinki", 1),
        ),
    ),
    _region(
        8,
        given="""Łukasz Małgorzata Wojciech Agnieszka Jiří Kateřina Ondřej Zuzana Mihai Ioana Ștefan Ruxandra
        László Eszter Gergő Zsófia Oleksandr Daryna Bohdan Solomiya Dragan Milica Željko Jasmina
        Eleni Nikos Despina Stavros Giulia Niccolò Chiara Gönül""",
        family="""Wiśniewski Dąbrowska Kowalski Zieliński Dvořák Němcová Svoboda Horáková Popescu Țurcanu
        Dumitrescu Szabó Kovács Horváth Nagy Shevchenko Kovalenko Tkachuk Petrović Đorđević Marković
        Hadžić Papadopoulos Georgiou Katsaros Rossi Esposito Bianchi D'Angelo Yıldız Şahin Öztürk""",
        languages=(
            ("pl,en", 5),
            ("cs,en", 3),
            ("ro,en", 3),
            ("uk,en", 4),
            ("it,en", 4),
            ("el,en", 2),
            ("tr,en", 2),
        ),
        zones=(
            ("Europe/Warsaw", 5),
            ("Europe/Prague", 3),
            ("Europe/Bucharest", 3),
            ("Europe/Kyiv", 4),
            ("Europe/Rome", 4),
            ("Europe/Athens", 2),
            ("Europe/Istanbul", 2),
            ("Europe/Belgrade", 1),
        ),
    ),
    _region(
        9,
        given="""Chidi Ngozi Babatunde Adaeze Kwame Abena Kofi Efua Thandiwe Sipho Nomvula Lwazi Wanjiru
        Otieno Achieng Kamau Tendai Rutendo Amara Ọlá Ifeoma Tunde Folake Mandla Zanele Juma Neema
        Baraka Selam Dawit Hiwot Fatoumata""",
        family="""Okafor Adeyemi Eze Balogun Mensah Owusu Boateng Asante Dlamini Nkosi Mokoena Khumalo Kimani
        Odhiambo Mwangi Wekesa Moyo Chikwanha Ndlovu Abiọ́dún Nwosu Okonkwo Ogunleye Mthembu Zulu
        Mwakyusa Massawe Juma Tesfaye Bekele Haile Diallo""",
        languages=(
            ("en", 6),
            ("en,yo", 2),
            ("en,ig", 2),
            ("en,sw", 4),
            ("en,zu", 1),
            ("am,en", 1),
            ("fr,en", 2),
        ),
        zones=(
            ("Africa/Lagos", 7),
            ("Africa/Accra", 3),
            ("Africa/Nairobi", 5),
            ("Africa/Johannesburg", 4),
            ("Africa/Harare", 1),
            ("Africa/Addis_Ababa", 2),
            ("Africa/Dakar", 1),
        ),
    ),
    _region(
        7,
        given="""Layla Omar Noor Yousef Salma Karim Rania Tariq Hala Ziad Mariam Bilal Dina Faisal Amal
        Hicham Soraya Anouar Shirin Dariush Parisa Kaveh Nasrin Behrouz Yael Amit Noa Eitan Lina
        Samir Huda Rachid""",
        family="""Al-Masri Haddad Khoury Mansour El-Sayed Benali Zerhouni Bouazizi Nasser Farouk Saleh
        Al-Rashid Hamdan Qasim Tazi Belkacem Shahidi Farahani Moradi Tehrani Rostami Ben-David
        Mizrahi Levi Katz Darwish Sabbagh Najjar Awad Cherkaoui Idrissi Barakat""",
        languages=(("ar,en", 8), ("ar,fr,en", 4), ("fa,en", 3), ("he,en", 2), ("ar", 1)),
        zones=(
            ("Africa/Cairo", 5),
            ("Africa/Casablanca", 3),
            ("Africa/Tunis", 1),
            ("Asia/Beirut", 2),
            ("Asia/Amman", 2),
            ("Asia/Dubai", 3),
            ("Asia/Riyadh", 2),
            ("Asia/Tehran", 2),
            ("Asia/Jerusalem", 2),
        ),
    ),
    _region(
        12,
        given="""Aarav Priya Rohan Ananya Vikram Meera Arjun Kavya Siddharth Ishita Rahul Lakshmi Nikhil
        Divya Harpreet Gurleen Farhan Ayesha Bilqis Imran Sadia Tanvir Nusrat Bishal Sunita Prakash
        Anjali Dinesh Nirmala Kasun Dilini Tharindu""",
        family="""Sharma Iyer Patel Reddy Banerjee Chatterjee Nair Menon Singh Gill Kapoor Deshmukh Kulkarni
        Joshi Bhattacharya Pillai Qureshi Siddiqui Chaudhry Mirza Hossain Rahman Chowdhury Thapa
        Gurung Shrestha Tamang Perera Wickramasinghe Jayasuriya Fernando Rao""",
        languages=(
            ("hi,en", 8),
            ("en", 4),
            ("ta,en", 3),
            ("bn,en", 3),
            ("ur,en", 3),
            ("ne,en", 2),
            ("si,en", 1),
        ),
        zones=(
            ("Asia/Kolkata", 12),
            ("Asia/Karachi", 3),
            ("Asia/Dhaka", 3),
            ("Asia/Kathmandu", 2),
            ("Asia/Colombo", 1),
        ),
    ),
    _region(
        7,
        given="""Haruto Yui Kenji Sakura Ryōta Akiko Daichi Emi Wei Xiulan Jiahao Meiling Zhiyuan Lihua
        Guowei Ruolan Minjun Seoyeon Jihoon Hayoung Dongwook Soojin Takumi Naoko Pei-Shan Chun-Hao
        Yiting Bolin Shō Mizuki Hyejin Taeyang""",
        family="""Tanaka Satō Yamamoto Kobayashi Itō Nakagawa Ōmori Fujiwara Zhang Chen Liu Huang Zhao Xu Lü
        Guo Kim Park Choi Jeong Kang Yoon Hayashi Shimizu Lin Tsai Hsu Wong Matsuda Ueda Bae Seo""",
        languages=(("ja,en", 5), ("zh,en", 6), ("ko,en", 4), ("zh", 1), ("ja", 1)),
        zones=(
            ("Asia/Tokyo", 5),
            ("Asia/Shanghai", 5),
            ("Asia/Taipei", 2),
            ("Asia/Hong_Kong", 2),
            ("Asia/Seoul", 4),
        ),
    ),
    _region(
        7,
        given="""Nguyệt Minh Thảo Đức Hương Quang Linh Tuấn Putri Budi Dewi Agus Siti Rizky Ratna Hendra
        Maricel Jomar Rosalinda Arnel Liezel Danilo Somchai Malee Niran Achara Farah Hafiz Aisyah
        Zulkifli Sokha Bopha""",
        family="""Nguyễn Trần Phạm Hoàng Đặng Bùi Võ Lê Wijaya Santoso Siregar Nasution Hidayat Kusuma
        Simanjuntak Setiawan Dela_Cruz Bautista Villanueva Magsaysay Pangilinan Macaraeg Srisai
        Wongsakul Rattanakorn Chaiyasit Ismail Abdullah Osman Razak Chea Sok""",
        languages=(
            ("vi,en", 4),
            ("id,en", 5),
            ("tl,en", 5),
            ("th,en", 2),
            ("ms,en", 3),
            ("km,en", 1),
        ),
        zones=(
            ("Asia/Ho_Chi_Minh", 4),
            ("Asia/Jakarta", 4),
            ("Asia/Makassar", 1),
            ("Asia/Manila", 5),
            ("Asia/Bangkok", 2),
            ("Asia/Kuala_Lumpur", 2),
            ("Asia/Singapore", 2),
        ),
    ),
)
